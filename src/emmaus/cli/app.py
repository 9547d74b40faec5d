"""All commands, in the order in which the wheel turns."""

from emmaus.cli import background, grounds, house, learning, talk
from emmaus.cli.commands import root

app = root()
for room in (talk, grounds, learning, background, house):
    room.add_to(app)
