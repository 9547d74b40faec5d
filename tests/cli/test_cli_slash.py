"""What can be asked of a chat in its midst: another answer, another question, which of two is better, and why."""

import io
import sys

import pytest

from emmaus.cli.chatting import Chat
from emmaus.cli.slash import obey
from emmaus.feedback import compares, set_comparing
from emmaus.types import Conversation, Draft, Preference, Rating, Scope, Source

ANSWERS = ["I am first.", "I am second.", "I am third.", "I am fourth."]


@pytest.fixture
def begin(open_small, monkeypatch):
    """Begin a chat with Epictetus, who answers in turn; what the person writes next comes from a pipe."""

    def make(stdin="", script=ANSWERS):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        home = open_small(script)
        home.consent({Scope.STORE})
        return Chat(home, home.chat("epictetus"), io.StringIO())

    return make


def kept(chat):
    (found,) = chat.home.store.find(Conversation, source=Source.PERSON)
    return [(turn.question, turn.answer) for turn in found.turns]


def test_the_last_question_is_asked_once_more_in_its_place(begin):
    chat = begin()
    chat.answer("What is mine?")
    chat.answer("And what is not?")
    assert obey(chat, "/again")
    assert kept(chat) == [("What is mine?", "I am first."), ("And what is not?", "I am third.")]
    assert "I am third." in chat.out.getvalue()


def test_another_question_takes_the_place_of_the_last(begin):
    chat = begin()
    chat.answer("What is mine?")
    assert obey(chat, "/instead What is yours?")
    assert kept(chat) == [("What is yours?", "I am second.")]


def test_a_pipe_must_name_the_question(begin, capsys):
    chat = begin()
    obey(chat, "/again")
    chat.answer("What is mine?")
    obey(chat, "/instead")
    said = capsys.readouterr().err
    assert "no question yet: ask something first" in said
    assert "write the question behind it" in said
    assert kept(chat) == [("What is mine?", "I am first.")]


def test_an_answer_that_broke_off_is_asked_for_again(begin):
    chat = begin()
    chat.answer("What is mine?")
    coming = chat.talk.deliver("And what is not?")
    next(coming)
    coming.close()
    assert chat.home.store.count(Draft) == 1
    obey(chat, "/again")
    assert kept(chat) == [("What is mine?", "I am first."), ("And what is not?", "I am third.")]
    assert chat.home.store.count(Draft) == 0


@pytest.mark.parametrize(
    ("said", "better", "stands"), [("1", "turn", ANSWERS[0]), ("2", "other", ANSWERS[1]), ("0", "neither", ANSWERS[0])]
)
def test_two_answers_are_compared_on_demand(begin, said, better, stands):
    chat = begin(f"{said}\n")
    chat.answer("What is mine?")
    assert obey(chat, "/compare")
    (preference,) = chat.home.store.find(Preference)
    assert preference.better == better
    assert kept(chat) == [("What is mine?", stands)]


@pytest.mark.parametrize(("said", "goes_on"), [("both\n", True), ("", True), ("/quit\n", False)])
def test_a_comparison_without_a_word_keeps_nothing(begin, capsys, said, goes_on):
    chat = begin(said)
    chat.answer("What is mine?")
    assert obey(chat, "/compare") is goes_on
    assert "nothing was kept: say 1, 2 or 0" in capsys.readouterr().err
    assert chat.home.store.count(Preference) == 0


def test_what_cannot_be_compared_is_said_before_anybody_waits(begin, capsys):
    chat = begin()
    obey(chat, "/compare")
    chat.answer("What is mine?")
    obey(chat, "/compare often")
    chat.home.consent(())
    obey(chat, "/compare")
    said = capsys.readouterr().err
    for words in ("no answer yet", "takes on, off or nothing", "consent to 'store' first"):
        assert words in said
    assert "I am second." not in chat.out.getvalue()


def test_who_agreed_is_reminded_now_and_then_and_nobody_else(begin):
    chat = begin(script="I hear you.")
    for number in range(12):
        chat.answer(f"What is number {number}?")
    assert "/compare" not in chat.out.getvalue()
    obey(chat, "/compare on")
    assert compares(chat.home.store, chat.talk.subject)
    for number in range(24):
        chat.answer(f"What is the number {number}?")
    assert 0 < chat.out.getvalue().count("/compare asks once more") < 24
    obey(chat, "/compare off")
    assert not compares(chat.home.store, chat.talk.subject)


def test_usual_reasons_go_before_ones_own_words(begin, capsys):
    chat = begin()
    chat.answer("What is mine?")
    obey(chat, "/down #Untrue #verse it was not  #3 at all")
    obey(chat, "/up #helpful")
    obey(chat, "/down #boring")
    down, up = chat.home.store.find(Rating)
    assert (down.value, down.reasons, down.reason) == (-1, ("untrue", "verse"), "it was not  #3 at all")
    assert (up.value, up.reasons, up.reason) == (1, ("helpful",), "")
    assert "'boring' is none of the usual reasons" in capsys.readouterr().err
    obey(chat, "/reasons")
    assert "#untrue       Not true" in chat.out.getvalue()


def test_a_store_that_cannot_tell_who_agreed_ends_no_chat(begin, capsys):
    chat = begin()
    set_comparing(chat.home.store, chat.talk.subject, True)
    chat.home.consent(())
    chat.answer("What is mine?")
    chat.home.store.close()
    chat.answer("And what is not?")
    assert "I am second." in chat.out.getvalue()
