"""One turn and a whole talk: what may be asked, what is kept, and what happens when the model is lost."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.chat import Speaker, Talk, answer, checked_question, stream
from emmaus.chat.speaker import LONGEST_QUESTION
from emmaus.errors import BadInput, ModelError, NotConsented
from emmaus.feedback import grant, withdraw
from emmaus.models.protocols import Sampling
from emmaus.models.scripted import ScriptedModel
from emmaus.store import open_store
from emmaus.types import CARE, Conversation, Scope, Source, Turn
from parts import varied

ME = "local-1"


def lost_after(pieces):
    """A server that is lost after so many pieces."""
    left = iter(range(pieces))

    def sleep(seconds):
        if next(left, None) is None:
            raise ModelError("the model stopped answering: ask again")

    return ScriptedModel("one two three four", delay=1, sleep=sleep)


@pytest.fixture
def talk(stoa, kept):
    return Talk(Speaker(stoa, ScriptedModel(varied)), kept, ME)


def say(talk, question):
    *_, turn = talk.say(question)
    return turn


@pytest.mark.parametrize("question", ["", "   ", "\n\t \r\n", "\x00\x1b\x07", "\u200b\ufeff", "\ud800"])
def test_an_empty_question_asks_for_one(stoa, question):
    model = ScriptedModel(varied)
    with pytest.raises(BadInput, match="the question is empty: ask something, for example"):
        answer(Speaker(stoa, model), question)
    assert model.calls == []


def test_an_oversized_question_says_how_long_it_may_be(stoa):
    model = ScriptedModel(varied, context=10**6)
    assert answer(Speaker(stoa, model), "a" * LONGEST_QUESTION).question == "a" * LONGEST_QUESTION
    with pytest.raises(BadInput, match=r"has 6,001 characters, at most 6,000 fit: shorten it"):
        answer(Speaker(stoa, model), "a" * (LONGEST_QUESTION + 1))
    assert len(model.calls) == 1


def test_somebody_in_danger_may_write_as_long_as_they_like(stoa):
    model = ScriptedModel(varied)
    question = "We walked to the market and back. " * 400 + "I want to kill myself."
    assert answer(Speaker(stoa, model), question).model == CARE
    assert model.calls == []


def drawn(scene, question, *answers, **sampling):
    """Ask a model that gives one answer after the other: what is shown, and how often it was asked."""
    script = iter(answers)
    model = ScriptedModel(lambda messages, adapter: next(script))
    pieces = [
        piece for piece in stream(Speaker(scene, model), question, sampling=Sampling(seed=7, **sampling)) if piece
    ]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == pieces[-1].answer
    return pieces[-1].answer, [call.sampling.seed for call in model.calls]


WITHIN = "Do you know of Musonius?"
DENIED = "I never heard of it. It must have come after my days. Ask another."
KNOWN = "It is what is our own. It is not hindered. I taught it at Nicopolis."


def test_an_answer_that_denies_what_the_character_knows_is_drawn_again(stoa):
    assert drawn(stoa, WITHIN, DENIED, KNOWN) == (KNOWN, [7, 8])
    assert drawn(stoa, WITHIN, KNOWN) == (KNOWN, [7])


def test_an_answer_that_knows_what_lies_beyond_is_drawn_again(stoa):
    assert drawn(stoa, "Do you own a phone?", KNOWN, KNOWN, DENIED) == (DENIED, [7, 8, 9])


def test_an_answer_that_stays_the_same_is_shown_in_the_end(stoa):
    assert drawn(stoa, WITHIN, *[DENIED] * 4) == (DENIED, [7, 8, 9, 10])


def test_what_is_drawn_greedily_is_drawn_once(stoa):
    assert drawn(stoa, WITHIN, DENIED, temperature=0.0) == (DENIED, [7])


def test_a_denial_later_in_an_answer_may_be_about_a_detail(stoa):
    late = f"{KNOWN} Of its colour I know nothing."
    assert drawn(stoa, WITHIN, late) == (late, [7])


@pytest.mark.parametrize("question", ["Why was I born?", "What will become of me?", "What do you think of the Gloobs?"])
def test_who_may_not_know_may_say_so(stoa, question):
    assert drawn(stoa, question, DENIED)[0] == DENIED


def test_an_answer_whose_opening_waits_is_shown_piece_by_piece_after_it(stoa):
    said = stream(Speaker(stoa, ScriptedModel(KNOWN)), WITHIN)
    pieces = [piece for piece in said if isinstance(piece, str)]
    assert pieces[0].startswith("It is what is our own. It is not hindered.")
    assert len(pieces) > 3


def test_control_characters_go_and_words_stay_apart():
    assert checked_question("Were\tyou\u00a0afraid\x1b[31m, or\x00not?\r\nTell\u2009me.") == (
        "Were you afraid[31m, ornot? \nTell me."
    )
    assert checked_question("Fürchtest du dich? هل كنت خائفا؟ 怖い? 🐑") == "Fürchtest du dich? هل كنت خائفا؟ 怖い? 🐑"


@given(st.text(max_size=60))
def test_a_checked_question_checks_to_itself(text):
    try:
        question = checked_question(text)
    except BadInput:
        assert not any(letter.isalnum() for letter in text)
        return
    assert checked_question(question) == question
    assert [c for c in question if c.isalnum()] == [c for c in text if c.isalnum()]
    assert all(c.isprintable() or c == "\n" for c in question)


def test_pieces_join_to_the_answer_and_the_turn_comes_last(stoa):
    prompt, *pieces, turn = stream(
        Speaker(stoa, ScriptedModel(" I do. "), "voice-1", clock=lambda: 7.0), "What troubles people?"
    )
    assert prompt.references == turn.passages
    assert "".join(pieces).strip() == turn.answer == "I do."
    assert (turn.adapter, turn.model, turn.created_at) == ("voice-1", "scripted", 7.0)
    assert turn.passages
    assert all(stoa.corpus.get(reference) for reference in turn.passages)


@pytest.mark.parametrize("source", [Source.PERSON, Source.AUTHORED])
def test_a_talk_stored_under_another_translation_goes_on(stoa, source):
    stored = Turn("t1", "What troubles people?", "I do.", ("Hamlet 3:1", "Handbook 5:1"))
    (before,) = stoa.exchanges([stored])
    assert [passage.reference for passage in before.prompt.passages] == ["Handbook 5:1"]
    (staged,) = stoa.staged(Conversation("c1", "epictetus", source, (stored,)))
    assert "Handbook 5:1" in {passage.reference for passage in staged.prompt.passages}
    assert answer(Speaker(stoa, ScriptedModel("Go on.")), "And then?", [stored]).answer == "Go on."


def test_an_empty_answer_is_said_to_be_one(stoa):
    with pytest.raises(ModelError, match="scripted gave an empty answer: ask again"):
        answer(Speaker(stoa, ScriptedModel("  ")), "Why?")


def test_a_crisis_is_answered_by_the_program_without_asking_the_model(stoa):
    model = ScriptedModel(varied)
    turn = answer(Speaker(stoa, model, "voice-1"), "I want to die. What would you do?")
    assert model.calls == []
    assert turn.model == CARE
    assert "stepping out of the character" in turn.answer
    assert turn.passages == ()


def test_nothing_is_kept_without_consent(talk, kept):
    turn = say(talk, "What frightens you?")
    assert kept.find(Conversation) == []
    assert talk.turns == [turn]
    assert not talk.is_kept(turn)
    with pytest.raises(NotConsented, match=r"not kept, .*: consent to 'store' first"):
        talk.keep(turn)


def test_consent_holds_for_what_is_said_from_then_on(talk, kept):
    say(talk, "What frightens you?")
    grant(kept, ME, [Scope.STORE])
    second, third = say(talk, "And what else?"), say(talk, "Is it so?")
    withdraw(kept, ME)
    fourth = say(talk, "Do you obey anyone?")
    grant(kept, ME, [Scope.STORE])
    fifth = say(talk, "Should I marry?")
    assert [c.turns for c in kept.find(Conversation)] == [(second, third), (fifth,)]
    assert not talk.is_kept(fourth)


def test_rating_keeps_a_turn_with_all_that_led_to_it(talk, kept):
    turns = [say(talk, question) for question in ("What frightens you?", "And what else?", "Is it so?")]
    grant(kept, ME, [Scope.STORE])
    talk.keep(turns[1])
    assert [c.turns for c in kept.find(Conversation)] == [(turns[0], turns[1])]
    talk.keep(turns[1])
    talk.keep(turns[2])
    assert [c.turns for c in kept.find(Conversation)] == [(turns[0], turns[1]), (turns[2],)]
    later = say(talk, "What do you do all day?")
    assert kept.find(Conversation)[-1].turns == (turns[2], later)
    assert all(map(talk.is_kept, talk.turns))


def test_a_turn_of_another_talk_cannot_be_kept(talk, kept):
    grant(kept, ME, [Scope.STORE])
    turn = say(talk, "Is it so?")
    talk.forget()
    with pytest.raises(BadInput, match="is not of this conversation"):
        talk.keep(turn)


def test_an_answer_that_ends_after_forgetting_is_forgotten_with_the_rest(talk, kept):
    grant(kept, ME, [Scope.STORE])
    say(talk, "What frightens you?")
    answering = talk.say("And what else?")
    next(answering), next(answering)
    talk.forget()
    kept.forget(ME)
    *_, turn = answering
    assert kept.find(Conversation) == talk.turns == []
    assert not talk.is_kept(turn)
    later = say(talk, "Is it so?")
    assert [c.turns for c in kept.find(Conversation)] == [(later,)]


def test_a_thread_that_forgets_while_an_answer_is_kept_leaves_nothing(stoa, kept):
    grant(kept, ME, [Scope.STORE])
    for _ in range(20):
        talk = Talk(Speaker(stoa, ScriptedModel(varied)), kept, ME)
        answering = talk.say("What frightens you?")
        next(answering), next(answering)
        finishing = threading.Thread(target=lambda answering=answering: list(answering))
        finishing.start()
        talk.forget()
        kept.forget(ME)
        finishing.join()
        assert kept.find(Conversation) == []


def test_a_talk_that_was_forgotten_elsewhere_goes_on_as_a_new_conversation(talk, kept):
    grant(kept, ME, [Scope.STORE])
    say(talk, "What frightens you?")
    with open_store(kept.home) as elsewhere:
        elsewhere.forget(ME)
    turn, later = say(talk, "And what else?"), say(talk, "Is it so?")
    talk.keep(later)
    assert [c.turns for c in kept.find(Conversation)] == [(turn, later)]
    assert talk.kept == kept.find(Conversation)[0]
    assert talk.turns == [turn, later]


def test_when_the_model_is_lost_its_pieces_were_seen_and_nothing_is_kept(stoa, kept):
    grant(kept, ME, [Scope.STORE])
    talk = Talk(Speaker(stoa, lost_after(3)), kept, ME)
    answering = talk.say("Why?")
    _, *pieces = [next(answering) for _ in range(4)]
    with pytest.raises(ModelError, match="stopped answering"):
        next(answering)
    assert "".join(pieces) == "one two three"
    assert not any(isinstance(piece, Turn) for piece in pieces)
    assert talk.turns == []
    assert kept.find(Conversation) == []


def test_a_stopped_answer_is_not_kept_and_the_talk_goes_on(stoa, kept):
    grant(kept, ME, [Scope.STORE])
    talk = Talk(Speaker(stoa, ScriptedModel(varied)), kept, ME)
    answering = talk.say("What frightens you?")
    next(answering), next(answering)
    answering.close()
    assert talk.turns == []
    turn = say(talk, "What frightens you?")
    assert [c.turns for c in kept.find(Conversation)] == [(turn,)]


def test_of_a_talk_that_has_grown_too_long_the_oldest_turns_are_left_out(stoa, kept):
    model = ScriptedModel("one two three four five six seven eight nine ten", context=600)
    talk = Talk(Speaker(stoa, model), kept, ME)
    for number in range(40):
        say(talk, f"What of number {number}?")
    sent = [[m.content.rpartition("number ")[2] for m in call.messages if m.role == "user"] for call in model.calls]
    assert all(asked[-1] == f"{number}?" for number, asked in enumerate(sent))
    assert sent[0][0] == sent[1][0] == "0?"
    assert 1 < len(sent[-1]) < 40
    assert len({asked[0] for asked in sent}) < 20  # the beginning stays for some turns
    assert len(talk.turns) == 40


def test_an_answer_in_a_talk_that_fills_the_window_is_not_cut_short(stoa, kept):
    said = " ".join(f"word{number}" for number in range(100))
    model = ScriptedModel(said, context=700)
    talk = Talk(Speaker(stoa, model), kept, ME)
    assert {say(talk, f"What of number {number}?").answer for number in range(12)} == {said}
    assert len(model.calls[-1].messages) < 25  # it did fill the window


def test_a_question_that_does_not_fit_alone_is_still_refused(stoa):
    history = [answer(Speaker(stoa, ScriptedModel(varied)), "What is mine?")]
    with pytest.raises(BadInput, match="shorten the question"):
        answer(Speaker(stoa, ScriptedModel(varied, context=10)), "And now?", history)
