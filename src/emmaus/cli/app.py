"""All commands, in the order in which the wheel turns."""

from emmaus.cli import house, learning, talk
from emmaus.cli.commands import root

app = root()
for room in (talk, learning, house):
    room.add_to(app)
