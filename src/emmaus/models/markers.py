"""What divides a conversation for a model is written by its template alone: in anybody's words it is plain text.

llama.cpp puts messages into the chat template and reads the whole as tokens, special ones included; so does the
tokenizer in training. A question with `<|im_end|>` in it would end itself there and go on as somebody else.
"""

import re

_MARKER = re.compile(r"<(?=[^\s<>]{1,80}>)|\[(?=/?(?:[A-Z_]{3,40}|[gs]MASK)\])")
"""How every known kind of control token begins: `<|im_start|>`, `<start_of_turn>`, `</s>`, `<｜User｜>`, `[INST]`."""


def unmarked(text: str) -> str:
    """Return a text of which no part is a control token of any model: a blank follows what would open one."""
    return _MARKER.sub(lambda found: found[0] + " ", text)
