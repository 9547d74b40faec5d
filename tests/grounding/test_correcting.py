"""What is shown for a verse with changes: whole clauses of that verse, in the translation that was quoted."""

import pytest

from emmaus.grounding import repair, verify
from emmaus.packs.corpus import known_bibles


@pytest.fixture(scope="module")
def bibles(tmp_path_factory):
    return known_bibles(tmp_path_factory.mktemp("bibles"))


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("“Eat, drink and be merry, for God commands it.” [Luke 12:19]", "eat, drink, and be merry."),
        ("“The lion shall lie down with the lamb” (Isaiah 11:6)", "and the leopard shall lie down with the kid"),
        ("“Thou shalt not covet thy neighbour's car” (Exodus 20:17)", "Thou shalt not covet thy neighbour’s house"),
        ("“Thou shalt not covet thy neighbour's car”", "Thou shalt not covet thy neighbour’s house"),
        ("“You shall not covet your neighbor's car” (Exodus 20:17)", "You shall not covet your neighbor’s house"),
        ("“golden calf” (Luke 15:23)", "Bring the fattened calf"),
        ("“I believe that Jesus is God's child” (Acts 8:37)", "I believe that Jesus Christ is the Son of God."),
        ("“Thou shalt ... commit adultery” (Exodus 20:14)", "Thou shalt not commit adultery."),
        ("“God hath ... given us the spirit of fear” (2 Timothy 1:7)", "For God hath not given us the spirit of fear"),
        ("“The LORD is my shepherd; I shall want nothing” (Psalm 23:1)", "The LORD is my shepherd; I shall not want."),
        (
            "“The LORD is my shepherd; I shall not want. He maketh me to run” (Psalm 23:1)",
            "The LORD is my shepherd; I shall not want.",
        ),
    ],
)
def test_a_correction_is_a_whole_clause_of_the_verse_that_was_meant(bibles, text, correction):
    (one,) = verify(text, bibles)
    assert one.kind == "altered"
    assert one.correction == correction


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("“Eat, drink and be merry, for God commands it.” [Luke 12:19]", "“eat, drink, and be merry.” (Luke 12:19)"),
        ("“Thou shalt commit adultery” (Exodus 20:14, KJV)", "“Thou shalt not commit adultery.” (Exodus 20:14)"),
        ("“Thou shalt steal” [Exodus 20:15, KJV].", "“Thou shalt not steal.” (Exodus 20:15)."),
        ("“You shall commit adultery” (Exodus 20:14)", "“You shall not commit adultery.” (Exodus 20:14)"),
        (
            "I said it. [Luke 12:19]",
            "I said it. “I will tell my soul, ‘Soul, you have many goods laid up for many years. Take your ease, eat, "
            "drink, be merry.’” (Luke 12:19)",
        ),
    ],
)
def test_what_a_reader_sees_is_once_there_and_has_all_its_marks(bibles, answer, shown):
    assert repair(answer, bibles[0], others=bibles[1:]).text == shown
