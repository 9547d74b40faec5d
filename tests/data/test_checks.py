"""Every check, with answers that meet it and answers that do not."""

import statistics

import pytest

from emmaus.data.checks import COSINE, VETO, VETOED, WEIGHTS, Judged, check, rubric, score_turns, value_of
from emmaus.types import CARE, Turn
from parts import WordVectors

QUESTION = "Were you afraid when Goliath came out to shout?"
GOOD = (
    "I was afraid, and I went all the same. His shadow came over the brook before his voice did, and I thought of the "
    "lion that had looked larger than its death. I took five stones, because my hand knew stones. [1 Samuel 17:45]"
)
MORE = " ".join(f"And I saw {letter * times} too." for times in (2, 3) for letter in "abcdefghijklmnopqrst")
ASIDE = "I would say the same to my own sons at the fire, and I would say it slowly, for they seldom listen. "


@pytest.fixture(scope="module")
def judge(shipped):
    scene = shipped.parts.scene("david")

    def judged(answer, question=QUESTION, passages=(), cosine=0.5):
        return check(Judged(scene, question, answer, passages, cosine))

    return judged


def test_a_good_answer_meets_every_criterion(judge):
    criteria, findings = judge(GOOD)
    assert criteria == dict.fromkeys(WEIGHTS, 1.0)
    assert findings == ()
    assert value_of(criteria) == 1.0


@pytest.mark.parametrize(
    ("criterion", "answer", "finding"),
    [
        ("first_person", f"As an AI language model I do not feel fear. {ASIDE}", "steps out of the character"),
        ("first_person", f"{ASIDE} The passage above says that Goliath shouted.", "steps out of the character"),
        ("first_person", f"David was afraid of him. {ASIDE}", "speaks of David as of somebody else"),
        ("first_person", "Fear comes to everybody. It stood at the brook and shouted.", "first person"),
        ("fluent", f"{ASIDE}\n1. Take five stones.\n2. Go to the brook.", "a list or markup"),
        ("fluent", f"**Yes.** {ASIDE}", "a list or markup"),
        ("fluent", "I was afraid of him. " * 12, "repeats itself"),
        ("fluent", "Yes.", "says nothing"),
        ("length", "I was afraid of him and I went.", "fewer than 20"),
        ("length", f"{GOOD} {MORE}", "more than 110"),
        ("length", GOOD.removesuffix("stones. [1 Samuel 17:45]") + "and then I", "cut off"),
        ("true_names", f"{ASIDE} Then I told it to Nicodemus and to Bartholomew.", "Bartholomew, Nicodemus"),
        ("true_life", f"{ASIDE} My father Amnon had taught me to wait.", "Amnon is David's son"),
        ("quotation", f"{ASIDE} It is written, “Be strong and never worry about tomorrow at all.”", "be strong"),
        ("quotation", f"{ASIDE} It is written so. [Psalm 200:4]", "Psalm 200:4"),
        ("in_time", f"{ASIDE} I learned it from the Gospels, on a train.", "came later"),
    ],
)  # fmt: skip
def test_a_bad_answer_fails_its_criterion(judge, criterion, answer, finding):
    criteria, findings = judge(answer)
    assert criteria[criterion] < 1
    said = next(text for text in findings if text.startswith(f"{criterion}: "))
    assert finding.lower() in said.lower()
    if criterion in VETO and criteria[criterion] < 0.5:
        assert value_of(criteria) <= VETOED
    else:
        assert value_of(criteria) < 1


def test_an_answer_far_from_the_question_says_how_far(judge):
    low, high = COSINE
    assert judge(GOOD, cosine=low)[0]["addresses"] == 0
    assert judge(GOOD, cosine=high)[0]["addresses"] == 1
    criteria, findings = judge(GOOD, cosine=low + 0.1)
    assert 0 < criteria["addresses"] < 0.5
    assert findings == ("addresses: far from the question (cosine 0.20)",)


def test_saying_the_question_again_is_no_answer(judge):
    criteria, findings = judge(f"You ask: {QUESTION} {GOOD}", cosine=0.9)
    assert criteria["addresses"] == 0
    assert "addresses: repeats the question" in findings


def test_saying_the_prompt_again_is_no_answer(judge, shipped):
    verse = shipped.parts.pack.corpus().get("Psalm 18:2")
    criteria, findings = judge(f"I know this. {verse.text}", passages=("Psalm 18:2",))
    assert criteria["fluent"] < 0.5
    assert any("copies its prompt" in finding for finding in findings)


def test_a_name_in_the_question_may_be_answered(judge):
    answer = f"{ASIDE} I never met a man called Bartholomew."
    assert judge(answer)[0]["true_names"] < 1
    assert judge(answer, "What do you think of Bartholomew?")[0]["true_names"] == 1


def test_a_later_thing_may_be_disclaimed_if_it_was_asked_for(judge):
    answer = f"That is beyond my days; I know nothing of a telephone. {ASIDE}"
    assert judge(answer, "Would you own a telephone?")[0]["in_time"] == 1
    assert judge(answer)[0]["in_time"] == 0


def test_the_words_of_another_translation_are_quoted_truly(worded_twice, stoa):
    scene, words = worded_twice
    answer = f"I say to myself each morning: “{words}” (Handbook 1:1)"
    assert scene.delivered(answer).text == answer
    assert check(Judged(scene, "What obeys us?", answer, (), 0.5))[0]["quotation"] == 1
    alone = check(Judged(stoa, "What obeys us?", answer, (), 0.5))
    assert alone[0]["quotation"] == 0


def test_the_value_is_a_mean_with_a_veto():
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    whole = dict.fromkeys(WEIGHTS, 1.0)
    for name in WEIGHTS:
        value = value_of({**whole, name: 0.0})
        assert value == (pytest.approx(VETOED) if name in VETO else pytest.approx(1 - WEIGHTS[name], abs=1e-4))
    assert value_of(dict.fromkeys(WEIGHTS, 0.0)) == 0


@pytest.mark.parametrize(
    "path",
    [
        "data/checks.py",
        "grounding/citations.py",
        "grounding/disclaimers.md",
        "grounding/life.py",
        "grounding/names.py",
        "grounding/timeline.py",
        "packs/quotations.py",
    ],
)
def test_the_rubric_names_all_that_decides_a_check(rewritten, path):
    before = rubric()
    assert rubric() == before
    rewritten(path)
    assert rubric() != before


def test_an_answer_of_the_program_itself_is_unscored(stoa):
    turns = [Turn("t1", "Why?", "Call 988.", model=CARE), Turn("t2", "Why?", "Because I say so.")]
    care, other = score_turns(turns, stoa, WordVectors())
    assert (care.value, care.criteria) == (None, {})
    assert care.unscored == "answered by the program, out of character"
    assert other.value is not None
    assert {care.rubric, other.rubric} == {rubric()}
    assert score_turns([], stoa, WordVectors()) == []


@pytest.mark.parametrize("slug", ["david", "paul", "ruth"])
def test_hand_written_answers_score_well_on_average(shipped, slug):
    home = shipped.parts
    # Every fourth: with all of them this takes half a minute.
    turns = [turn for starter in home.pack.starters(slug) for turn in starter.turns][::4]
    scores = score_turns(turns, home.scene(slug), home.embedder)
    values = [score.value for score in scores]
    assert len(values) > 20
    assert statistics.mean(values) >= 0.8
    assert sum(value >= 0.7 for value in values) >= 0.85 * len(values)
    faults = [s.findings for s in scores if s.criteria["quotation"] < 1 or s.criteria["in_time"] < 1]
    assert len(faults) <= 0.02 * len(scores), faults
