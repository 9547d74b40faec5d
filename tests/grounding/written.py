"""Texts that quote, put together from pieces: words, marks, and references of every sort, those to nowhere too."""

from hypothesis import strategies as st

WORDS = (
    "The zebra laughs at midnight in gardens",
    "I believe that Jesus Christ is the Son of God",
    "I believe Jesus Christ is truly the only Son of God",
    "Two men shall be in the field",
    "Jesus wept.",
    "Then captain Lysias came upon them and by violence he took Paul out of their hands",
    "Notwithstanding it pleased Simon to abide there still.",
    "Trust yourself",
)
BOOKS = ("Hezekiah", "Tobit", "1 Maccabees", "Wisdom of Solomon", "Acts", "Luke", "Psalm", "Ruth", "John")
PLACES = ("3:16", "3:16,18", "4:3, 5", "98:37", "8:37", "15:34", "24:7", "8:36-38", "17:36", "11:35", "1")
MARKS = "“”‘’\"'«»„>*[]();.,:—-\n "


def references():
    """References to places that are there, that are nowhere, and that one translation lacks; of one verse and more."""
    return st.tuples(st.sampled_from(BOOKS), st.sampled_from(["", " "]), st.sampled_from(PLACES)).map("".join)


def quoting():
    """Texts in which words and references stand in and between marks."""
    cited = st.builds("“{}” ({})".format, st.sampled_from(WORDS), references())
    piece = st.one_of(cited, st.sampled_from(WORDS), references(), st.text(alphabet=MARKS, max_size=3))
    return st.lists(piece, max_size=6).map("".join)
