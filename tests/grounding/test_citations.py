"""Pointers become words, and words that no verse has do not pass for scripture."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import quoting

from emmaus.grounding import check, insert, pointers, repair

VERSE = "“When I am afraid, I will put my trust in you.” (Psalm 56:3)"


@pytest.fixture(scope="module")
def web(bible):
    return bible.corpus("WEB")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("I said it to him plainly. [Psalm 56:3]", f"I said it to him plainly. {VERSE}"),
        ("I said so [Ps. 56.3].", f"I said so {VERSE}."),
        ("I said so [Psalm 151:3].", "I said so."),
        ("I sang [Psalm 23] then.", "I sang (Psalm 23) then."),
        ("Both: [Psalm 56:3; John 11:35]", f"Both: {VERSE} “Jesus wept.” (John 11:35)"),
        ("One of them: [Psalm 56:3; Psalm 200:1]", f"One of them: {VERSE}"),
        ("“I will put my trust in you.” [Psalm 56:3]", "“I will put my trust in you.” (Psalm 56:3)"),
        ("He laughed. [laughs] So did I.", "He laughed. So did I."),
        ("It was cut [Psalm 5", "It was cut"),
        ("He left that verse out [Acts 8:37].", "He left that verse out."),
        ("No pointer here.", "No pointer here."),
        ("I sang it [see Psalm 56:3] there.", f"I sang it {VERSE} there."),
        ("I sang it [Psalm 56:3, WEB] there.", f"I sang it {VERSE} there."),
        ("I sang it [Psalm 24:1-4, 7-10; 23:1-5].", "I sang it (Psalm 24:1-4) (Psalm 24:7-10) (Psalm 23:1-5)."),
        ("Both: [Psalm 56:3, John 11:35]", f"Both: {VERSE} “Jesus wept.” (John 11:35)"),
        ("Go to [my page](http://a.b/c) now.", "Go to [my page](http://a.b/c) now."),
        ("He went [...] away.", "He went [...] away."),
        ("[[laughs] He laughed] Then he went.", "Then he went."),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_reader_sees(web, answer, shown):
    assert insert(answer, web) == shown


def test_quotation_marks_within_a_verse_become_single_ones(web):
    assert insert("[Genesis 3:13]", web) == (
        "“Yahweh God said to the woman, ‘What is this you have done?’ "
        "The woman said, ‘The serpent deceived me, and I ate.’” (Genesis 3:13)"
    )
    assert insert("[Exodus 32:32]", web).count("”") == 1


def test_pointers_are_read_in_order(web):
    assert [str(one) for one in pointers("[Ps 23:1] and [Nowhere 3] and [ruth 1:16-17]", web)] == [
        "Psalm 23:1",
        "Ruth 1:16-17",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "I said it plainly. [Psalm 56:3]",
        "“When I am afraid, I will put my trust in you” is what I sang.",
        'I sang "when i am afraid i will put my trust in you".',
        "Read Psalm 23:1 and 1 Corinthians 13:4-7 again.",
        "I was there in 12:30 of the night.",
    ],
)
def test_what_is_right_is_not_found_fault_with(web, answer):
    assert check(answer, web) == ()


@pytest.mark.parametrize(
    "answer",
    [
        "“[The LORD] is my shepherd; I shall not want.” (Psalm 23:1)",
        "‘[The LORD] is my shepherd; I shall not want.’ (Psalm 23:1)",
        "“For God so loved the world [...] have everlasting life.” (John 3:16)",
        "“For God so loved [all of] the world”, he said.",
    ],
)
def test_the_brackets_of_an_editor_stay_within_a_quotation(bible, answer):
    mended = repair(answer, bible.corpus("KJV"))
    assert (mended.text, mended.findings) == (answer, ())


@pytest.mark.parametrize(
    ("answer", "references"),
    [
        ("He laughed. [laughs] [my page](http://a.b) [...]", []),
        ("[see Psalm 151:3] [Psalm 23:1; Psalm 23:99] [Hezekiah 3:2]", ["Psalm 151:3", "Psalm 23:99", "Hezekiah 3:2"]),
    ],
)
def test_brackets_count_as_pointers_to_nowhere_where_they_name_a_place(web, answer, references):
    assert [(one.kind, one.reference) for one in check(answer, web)] == [("nonexistent", one) for one in references]


def test_references_to_nowhere_are_found_and_removed(web):
    mended = repair("I sang Psalm 160:2 and [Psalm 151:1] (see Psalm 23:9) there.", web)
    assert [(f.kind, f.reference) for f in mended.findings] == [
        ("nonexistent", "Psalm 160:2"),
        ("nonexistent", "Psalm 151:1"),
        ("nonexistent", "Psalm 23:9"),
    ]
    assert "160" not in mended.text
    assert "151" not in mended.text
    assert "23:9" not in mended.text


def test_nearly_scripture_becomes_scripture(web):
    mended = repair('I wrote "When I am afraid I trust in you" that night.', web)
    (finding,) = mended.findings
    assert (finding.kind, finding.reference) == ("altered", "Psalm 56:3")
    assert mended.text == f"I wrote {VERSE} that night."


@pytest.mark.parametrize(
    "words", ["I am not sure what to do.", "You could do that too.", "I am a man of my word and I will go."]
)
def test_everyday_words_in_quotation_marks_are_taken_for_no_verse(web, words):
    mended = repair(f'He said, "{words}"', web)
    assert mended.text == f"He said, \u201c{words}\u201d"
    assert not mended.findings


def test_a_misquoted_passage_that_is_pointed_at_is_shown_once(web):
    mended = repair('I wrote "When I am afraid I trust in you" that night. [Psalm 56:3]', web)
    assert mended.text.count("put my trust in you") == 1
    assert mended.text.count("Psalm 56:3") == 1


def test_a_misquotation_is_looked_for_among_the_given_passages_first(web):
    passage = web.get("Psalm 14:1")
    (finding,) = check("“The fool says in his heart there is no God at all”", web, [passage])
    assert finding.reference == "Psalm 14:1"
    (finding,) = check("“The fool says in his heart there is no God at all”", web, [web.get("Psalm 53:1")])
    assert finding.reference == "Psalm 53:1"


def test_invented_words_lose_their_quotation_marks(web):
    mended = repair("As it is written, “Trust yourself and all will be well with your plans.” So I did.", web)
    assert [finding.kind for finding in mended.findings] == ["nonexistent"]
    assert mended.text == (
        "As it is written, Trust yourself and all will be well with your plans (in my own words). So I did."
    )


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("John 3:16 says, “Jesus wept.” Yes.", "John 11:35 says, “Jesus wept.” Yes."),
        ("“Jesus wept.” [John 3:16]", "“Jesus wept.” (John 11:35)"),
        ('"Jesus wept." (John 3:99)', "“Jesus wept.” (John 11:35)"),
        ("“Yahweh is my butcher: I shall lack nothing” (Ps 23:1).", (
            "“Yahweh is my shepherd: I shall lack nothing.” (Ps 23:1)."
        )),
        (
            "“Because God is my shepherd there is nothing I need” (Psalm 23:1).",
            "Because God is my shepherd there is nothing I need (in my own words; compare Psalm 23:1).",
        ),
        ("“Be proud of your fine shoes” (Hezekiah 3:2)", "Be proud of your fine shoes (in my own words)"),
        ("> Yahweh is my butcher: I shall lack nothing.\n> — Psalm 23:1", (
            "> “Yahweh is my shepherd: I shall lack nothing.”\n> — Psalm 23:1"
        )),
    ],
)  # fmt: skip
def test_what_is_put_as_scripture_becomes_scripture_or_is_said_to_be_none(web, answer, shown):
    assert repair(answer, web).text == shown


def test_the_words_of_another_translation_are_true_where_it_is_known(web, bible):
    answer = "“The LORD is my shepherd; I shall not want.” (Psalm 23:1)"
    assert repair(answer, web, others=[bible.corpus("KJV")]).text == answer
    assert repair(answer, web).text == "“Yahweh is my shepherd: I shall lack nothing.” (Psalm 23:1)"


@pytest.mark.parametrize(
    ("said", "given", "shown", "place"),
    [
        ("I believe that Jesus Christ is the Son of God", "Acts 98:37", (
            "I believe that Jesus Christ is the Son of God"
        ), "Acts 8:37"),
        ("Notwithstanding it pleased Simon to abide there still.", "Acts 98:34", (
            "Notwithstanding it pleased Silas to abide there still."
        ), "Acts 15:34"),
        ("Then captain Lysias came upon them and by violence he took Paul out of their hands", "Acts 98:7", (
            "But the chief captain Lysias came upon us, and with great violence took him away out of our hands"
        ), "Acts 24:7"),
        ("Two women shall be in the field; the one shall be taken, the other left", "Luke 98:36", (
            "Two men shall be in the field; the one shall be taken, and the other left."
        ), "Luke 17:36"),
    ],
)  # fmt: skip
def test_a_verse_that_the_shown_translation_lacks_has_the_words_of_another(bible, said, given, shown, place):
    mended = repair(f"“{said}” ({given})", bible.corpus("WEB"), others=[bible.corpus("KJV")])
    assert mended.text == f"“{shown}” ({place})"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("“The souls of the righteous are in the hand of God” (Wisdom 3:1)", (
            "The souls of the righteous are in the hand of God (in my own words)"
        )),
        ("“The Lord by wisdom made all the earth and the heavens” (Sirach 6:14)", (
            "The Lord by wisdom made all the earth and the heavens (in my own words)"
        )),
        ("“The LORD is my shepherd; I shall not want.” (Wisdom 3:1)", (
            "“The LORD is my shepherd; I shall not want.” (Psalm 23:1)"
        )),
        ("“The LORD is my butcher; I shall not want. He maketh me to lie down in green pastures” (Baruch 3:1)", (
            "“The LORD is my shepherd; I shall not want. He maketh me to lie down in green pastures: "
            "he leadeth me beside the still waters.” (Psalm 23:1-2)"
        )),
    ],
)  # fmt: skip
def test_a_book_beyond_the_canon_is_not_shown_the_words_of_a_verse_like_its_own(bible, answer, shown):
    assert repair(answer, bible.corpus("WEB"), others=[bible.corpus("KJV")]).text == shown


def test_a_mark_without_its_partner_goes(web):
    assert repair('He said "go and I went', web).text == "He said go and I went"


@given(st.text(alphabet='ab [](){}";:.,“”‘’\n1239', max_size=80) | st.text(max_size=60))
def test_what_was_made_fit_to_be_read_stays_as_it_is(bible, answer):
    web = bible.corpus("WEB")
    text = repair(answer, web).text
    assert repair(text, web).text == text
    assert text.count("“") == text.count("”")
    assert '"' not in text


@given(quoting())
def test_any_quotation_is_made_fit_to_be_read(bible, answer):
    text = repair(answer, bible.corpus("WEB"), others=[bible.corpus("KJV")]).text
    assert text.count("“") == text.count("”")
    assert "98:37" not in re.findall(r"\(Acts ([^()]*)\)", text)
    assert '"' not in text


@given(st.text(alphabet='ab [](){}";:.,“”‘’\n1239Psalm Ruth', max_size=80))
def test_no_pointer_to_nowhere_is_left(bible, answer):
    web = bible.corpus("WEB")
    assert not [one for one in check(repair(answer, web).text, web) if one.text.startswith("[")]
    assert not pointers(repair(answer, web).text, web)


def test_it_works_for_a_pack_that_is_not_about_the_bible(stoics):
    plain = stoics.corpus()
    mended = repair("I tell them: “Everything has two handles, one for carrying and one not.” [Handbook 99:1]", plain)
    assert [finding.kind for finding in mended.findings] == ["nonexistent"]
    assert "by which it can be carried" in mended.text
    assert "(Handbook 43:1)" in mended.text
