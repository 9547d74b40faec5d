"""Which mark closes which: as somebody finds it who walks on from each mark, and in one pass through the text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emmaus.grounding.marks import PAIRS, balanced, partners
from emmaus.grounding.quoted import quoted

SECONDS = 5
"""Far more than one pass through a megabyte takes, far less than one for each of its marks."""


def walked(text, at):
    """Walk on from one mark to the one that closes it."""
    opening, closing = text[at], PAIRS[text[at]]
    depth = 0
    for place in range(at + 1, len(text)):
        if text[place] == opening:
            depth += 1
        elif text[place] in closing:
            if depth == 0:
                return place
            depth -= 1
        elif text[place : place + 2] == "\n\n" and depth == 0 and not text[place:].lstrip().startswith(opening):
            break
    return text.find(closing, at + 1) if len(closing) == 1 else -1


@settings(max_examples=1000)
@given(st.text(alphabet="“”„«»\n\n\n a", max_size=40))
def test_marks_are_paired_as_somebody_would_who_walks_on_from_each(text):
    assert partners(text) == {at: walked(text, at) for at, mark in enumerate(text) if mark in PAIRS}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("“a “b” c” d", ["a “b” c"]),
        ("“a “b” c", ["a “b"]),
        ("“a\n\n“b” c", ["a\n\n“b"]),
        ("“a\n\nb “c”", ["a\n\nb “c"]),
        ("„a“ and „b”", ["a", "b"]),
        ("„a", []),
        ('"a"\n\n"b\n\nc"', ["a"]),
    ],
)
def test_what_stands_between_marks(text, words):
    assert [text[one.start : one.end] for one in quoted(text, ()) if one.style == "marks"] == words


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("“You shall not steal.", "You shall not steal."),
        ("I said, ‘Soul, be merry.’’", "I said, ‘Soul, be merry.’"),
        ("‘Come,’ she said, ‘and sit", "‘Come,’ she said, and sit"),
        ("He washed the disciples’ feet.", "He washed the disciples’ feet."),
        ("‘He washed the disciples’ feet,’ she said", "‘He washed the disciples’ feet,’ she said"),
        ("“My neighbor’s ‘house.”", "“My neighbor’s house.”"),
        ("a ‘b “c” d’ e’ f”", "a ‘b “c” d’ e’ f"),
    ],
)
def test_a_mark_without_a_partner_is_left_out_and_no_apostrophe(text, kept):
    assert balanced(text) == kept
    assert balanced(kept) == kept


@pytest.mark.parametrize("mark", ["“", "„"])
def test_many_marks_without_a_partner_are_read_in_one_pass(mark):
    text = (mark + "and so on " * 20) * 5_000
    began = time.process_time()
    quoted(text, ())
    assert time.process_time() - began < SECONDS
