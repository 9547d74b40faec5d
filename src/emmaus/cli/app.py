"""All commands, in the order in which the wheel turns."""

from emmaus.cli import background, grounds, house, learning, models, people, reviewing, talk
from emmaus.cli.commands import root

app = root()
for room in (talk, grounds, learning, reviewing, background, models, house, people):
    room.add_to(app)
