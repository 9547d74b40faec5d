"""What the scripted character says, and how a streamed answer is read."""

import json

HOST = "http://localhost:8000"
ANSWER = "Afraid? More often than my songs admit. I said it to him plainly. [Psalm 56:3] Then I went on with it."
VERSE = "When I am afraid, I will put my trust in you."


def events(text):
    """The events of a stream: name and data; a comment says that the answer is still coming."""
    blocks = [block.split("\n") for block in text.strip().split("\n\n") if not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]
