"""All commands, in the order in which the wheel turns."""

from emmaus.cli import grounds, house, learning, people, talk
from emmaus.cli.commands import root

app = root()
for room in (talk, grounds, learning, house, people):
    room.add_to(app)
