"""Each kind of quotation, in the forms in which people and models write them."""

import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import quoting

from emmaus.grounding import comparing, verify
from emmaus.packs.corpus import known_bibles

JOHN = "For God so loved the world, that he gave his only begotten Son"
SHEPHERD = "The LORD is my shepherd; I shall not want."
_NOT_AT_END = re.compile(r"(.*\w) not[.;:!?,]*")


@pytest.fixture(scope="module")
def bibles(tmp_path_factory):
    return known_bibles(tmp_path_factory.mktemp("bibles"))


def kinds(text, bibles):
    return [(one.kind, one.reference) for one in verify(text, bibles)]


@pytest.mark.parametrize(
    "text",
    [
        f"“{SHEPHERD}” (Psalm 23:1)",
        f'"{SHEPHERD}" (Ps. 23:1, KJV)',
        f"‘{SHEPHERD}’ [Psalm 23:1]",
        f"'{SHEPHERD}' - Ps 23.1",
        f"«{SHEPHERD}» — Psalm 23:1",
        f"„{SHEPHERD}“ (Psalms 23:1)",
        f"Psalm 23:1 says, “{SHEPHERD}”",
        f"As we read in Psalm 23 verse 1: “{SHEPHERD}”",
        f"Psalm 23:1 - {SHEPHERD}",
        f"Psalm 23:1: {SHEPHERD}",
        f"> {SHEPHERD}\n> — Psalm 23:1",
        f"> “{SHEPHERD}”\n— Psalm 23:1",
        f"“Psalm 23:1 {SHEPHERD}”",
        f"*{SHEPHERD}* (Psalm 23:1)",
        f"“{SHEPHERD}” says the 23rd Psalm.",
    ],
)
def test_every_way_to_quote(bibles, text):
    (one,) = verify(text, bibles)
    assert (one.kind, one.place, one.osis, one.translation) == ("exact", "Psalm 23:1", "Ps.23.1", "KJV")
    assert one.text == text[one.start : one.end] == SHEPHERD
    assert one.given == text[slice(*one.cited)]
    assert one.correction is None


@pytest.mark.parametrize(
    ("text", "kind", "reference"),
    [
        ("“Jesus wept.” (John 11:35)", "exact", "John 11:35"),
        ("“Yahweh is my shepherd: I shall lack nothing.” (Psalm 23)", "exact", "Psalm 23"),
        ("“the lord is my shepherd i shall not want” (Psalm 23:1)", "normalised", "Psalm 23:1"),
        ("“Jehovah is my shepherd: I shall lack nothing.” (Psalm 23:1)", "normalised", "Psalm 23:1"),
        ("“You shall not kill.” (Exodus 20:13)", "normalised", "Exodus 20:13"),
        ("“Honour your father and your mother” (Exodus 20:12)", "partial", "Exodus 20:12"),
        (f"“{JOHN}” (John 3:16)", "partial", "John 3:16"),
        (f"“{JOHN} ... should not perish” (John 3:16)", "partial", "John 3:16"),
        (f"“{JOHN} […] have everlasting life.” (John 3:16)", "partial", "John 3:16"),
        (f"“1 {SHEPHERD} 2 He maketh me to lie down” (Psalm 23:1-2)", "partial", "Psalm 23:1-2"),
        ("“I shall not want. He maketh me to lie down” (Psalm 23:1-2)", "partial", "Psalm 23:1-2"),
        ("“The LORD is my shepherd ... thou art with me” (Ps 23:1,4)", "partial", "Psalm 23:1; Psalm 23:4"),
        ("Read Psalm 23. Verse 4: “Yea, though I walk through the valley of death”", "altered", "Psalm 23:4"),
        ("Read Psalm 23. In verse 4 we read, “thou art with me”", "partial", "Psalm 23:4"),
        ("“[T]he LORD is my shepherd” (Psalm 23:1)", "partial", "Psalm 23:1"),
        ("“Because God is my shepherd there is nothing that I need” (Psalm 23:1)", "paraphrase", "Psalm 23:1"),
        ("“The LORD is my butcher; I shall not want.” (Psalm 23:1)", "altered", "Psalm 23:1"),
        ("“The LORD is my shepherd; I shall want.” (Psalm 23:1)", "altered", "Psalm 23:1"),
        ("“The LORD is my shepherd; I not shall want.” (Psalm 23:1)", "altered", "Psalm 23:1"),
        (f"“{SHEPHERD}” (Psalm 24:1)", "wrong_reference", "Psalm 24:1"),
        (f"“{SHEPHERD}” (Psalm 151:1)", "nonexistent", "Psalm 151:1"),
        (f"“{SHEPHERD}” (Hezekiah 4:2)", "nonexistent", "Hezekiah 4:2"),
        ("“The zebra laughs at midnight in gardens” (Hezekiah3:16,18)", "nonexistent", "Hezekiah3:16,18"),
        ("“Be proud of your fine shoes” (Second Opinions 3:4)", "nonexistent", "2 Opinions 3:4"),
        ("“Zebras laugh gladly” (Tobit 4:3, 5)", "nonexistent", "Tobit 4:3, 5"),
        ("“Zebras laugh gladly” (1 Maccabees 4:3; 5:1)", "nonexistent", "1 Maccabees 4:3; 5:1"),
        ("“Zebras laugh gladly” (Wisdom of Solomon 4:3)", "nonexistent", "Wisdom of Solomon 4:3"),
        ("“Follow your dreams and the stars will follow” (John 3:16)", "nonexistent", "John 3:16"),
        ("The Bible says, “The LORD is my soldier; I shall not want.”", "altered", "Psalm 23:1"),
        ("Jesus says, “I am the way and the love.”", "altered", "John 14:6"),
        ("The Bible says, “I will go with you to the house and we shall not be there.”", "nonexistent", ""),
        ("The Bible says, “God helps those who help themselves.”", "nonexistent", ""),
        ("It is written: “Man shall not live by bread alone”", "partial", "Matthew 4:4"),
        ("I sang “What time I am afraid I trust in thee” that night.", "altered", "Psalm 56:3"),
        ("He read aloud: “In the beginning God created the heaven and the earth.”", "exact", "Genesis 1:1"),
        ("Turn to John 3:99.", "nonexistent", "John 3:99"),
    ],
)
def test_kinds(bibles, text, kind, reference):
    assert kinds(text, bibles) == [(kind, reference)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Read John 3:16 and Psalm 23.",
        "He said, “I am not sure what to do.”",
        "“Come in,” she said, “and sit down.” Then I read Psalm 23.",
        "Read Psalm 23:1 tonight. “Come and eat,” said my mother.",
        "They call it “artificial intelligence”.",
        "“Zebras laugh gladly” (Zebras 4:3, 5)",
        "“To be or not to be, that is the question” (Hamlet 3:1)",
        "“But, soft! what light through yonder window breaks?” (Romeo and Juliet 2:2)",
        "Don't say 'no' to your mother's 'yes'.",
        "Psalm 23:1 - my favourite verse of all.",
        "We met at 3:16 pm, and Mark 5 people laughed.",
    ],
)
def test_what_quotes_no_scripture(bibles, text):
    assert verify(text, bibles) == ()


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("“The LORD is my butcher; I shall not want.” (Psalm 23:1)", SHEPHERD),
        ("The Bible says, “The LORD is my soldier; I shall not want.”", SHEPHERD),
        (f"“{SHEPHERD}” (John 3:16)", "Psalm 23:1"),
        (f"“{SHEPHERD}” (Psalm 151:1)", "Psalm 23:1"),
        ("“Follow your dreams and the stars will follow” (John 3:16)", None),
    ],
)
def test_corrections(bibles, text, correction):
    (one,) = verify(text, bibles)
    assert one.bad
    assert one.correction == correction


def test_several_quotations_each_with_its_reference(bibles):
    text = f"“Jesus wept.” (John 11:35) and “{SHEPHERD}” (Psalm 24:1), but John 3:16 says “Jesus wept.”"
    assert kinds(text, bibles) == [
        ("exact", "John 11:35"),
        ("wrong_reference", "Psalm 24:1"),
        ("wrong_reference", "John 3:16"),
    ]


def test_many_chapters_are_compared_by_their_phrases(bibles):
    words = " ".join(bibles[1].get("Genesis 1:1-6:8").text.split())
    whole = f"«{words}» (Genesis 1:1-6:8)"
    assert kinds(whole, bibles) == [("exact", "Genesis 1:1-6:8")]
    spoiled = whole.replace("Abel", "Cain")
    verify(spoiled, bibles)  # reads what is read once
    tracemalloc.start()
    try:
        (one,) = verify(spoiled, bibles)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert one.kind in ("altered", "paraphrase")
    assert peak < 60_000_000


def test_many_apostrophes_are_told_apart_in_a_moment(bibles):
    assert verify("'a " * 20_000, bibles) == ()


def test_an_index_that_was_damaged_is_made_again(tmp_path):
    text = f"“{SHEPHERD}” (Psalm 23:1)"
    before = verify(text, known_bibles(tmp_path))
    for file in tmp_path.glob("words-*"):
        file.write_bytes(file.read_bytes()[:5000])
    assert verify(text, known_bibles(tmp_path)) == before
    for file in tmp_path.glob("words-*"):
        assert file.stat().st_size > 5000


@settings(max_examples=60)
@given(st.data())
def test_every_verse_is_itself(bibles, data):
    corpus = data.draw(st.sampled_from(bibles))
    reference, words = data.draw(st.sampled_from(sorted(corpus.lines().items())))
    (one,) = verify(f"“{words.replace('“', '‘').replace('”', '’')}” ({reference})", bibles)
    assert one.kind in ("exact", "normalised")
    assert one.place.startswith(reference)


def test_a_verse_that_loses_the_not_at_its_end_is_not_true_any_more(bibles):
    for corpus in bibles:
        ending = {verse: match[1] for verse, words in corpus.lines().items() if (match := _NOT_AT_END.fullmatch(words))}
        assert len(ending) > 10
        for verse, cut in ending.items():
            (stretch,) = verify(f"«{cut}.» ({verse})", [corpus])
            assert stretch.bad, verse
            assert stretch.correction == corpus.get(verse).text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("“Thou shalt ... commit adultery” (Exodus 20:14)", "altered"),
        ("“Thou shalt … steal” (Exodus 20:15, KJV)", "altered"),
        ("“Let ... your heart be troubled” (John 14:1)", "altered"),
        ("“Judge ... that ye be not judged” (Matthew 7:1)", "altered"),
        ("“My little children... love in word” (1 John 3:18)", "altered"),
        ("“Trust in the LORD ... lean on your own understanding” (Proverbs 3:5)", "altered"),
        ("“Trust in the LORD with all your heart ... lean on your own understanding” (Proverbs 3:5)", "altered"),
        ("“Trust in the LORD, lean on your own understanding” (Proverbs 3:5)", "altered"),
        (f"“{JOHN} ... have everlasting life.” (John 3:16)", "partial"),
        ("“The LORD is my shepherd ... he leadeth me beside the still waters” (Psalm 23:1-2)", "partial"),
        ("“Judge ... and ye shall not be judged” (Luke 6:37)", "altered"),
        ("“They that wait upon the LORD ... shall walk, and not faint” (Isaiah 40:31)", "partial"),
    ],
)
def test_words_left_out_must_not_take_a_not_with_them(bibles, text, kind):
    (one,) = verify(text, bibles)
    assert one.kind == kind
    assert (kind == "partial") == (one.correction is None)


@pytest.mark.parametrize("text", ["“x²” (John 3:16)", "“H₂O is ① of ٢٣ waters” is written in John 3:16"])
def test_digits_that_are_no_numbers_are_read(bibles, text):
    assert all(one.text in text for one in verify(text, bibles))


@settings(max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_at_all_can_be_checked(bibles, said, other):
    for one in verify(f"{said} “{other}” (John 3:16)", bibles):
        assert 0 <= one.start <= one.end


@settings(max_examples=200)
@given(st.text(alphabet="ab ‘’“”\"'«»>*[]().,:;-—1239\nPsalm John 3:16 …", max_size=100) | quoting())
def test_any_text_can_be_checked(bibles, text):
    for one in verify(text, bibles):
        assert 0 <= one.start <= one.end <= len(text)
        assert one.text in ("", text[one.start : one.end])


@settings(max_examples=60)
@given(quoting())
def test_places_that_share_too_few_words_to_matter_change_no_verdict(bibles, text):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(comparing, "LEAST", 0.0)
        every = verify(text, bibles)
    assert verify(text, bibles) == every
