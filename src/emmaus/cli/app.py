"""All commands, in the order in which the wheel turns."""

from emmaus.cli import grounds, house, learning, models, talk
from emmaus.cli.commands import root

app = root()
for room in (talk, grounds, learning, models, house):
    room.add_to(app)
