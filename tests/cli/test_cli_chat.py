import json
import signal
import time

import pytest

from emmaus.packs import load_pack
from emmaus.store import open_store
from emmaus.types import Conversation, Rating, Source
from parts import STOICS

VERSE = load_pack().corpus().get("Psalm 56:3").text


def test_each_line_of_a_pipe_is_a_question(emmaus):
    ran = emmaus("chat", "david", stdin="Were you never afraid?\nAnd then?\n")
    assert ran.code == 0
    assert "David" in ran.out.splitlines()[0]
    assert "an AI" in ran.out.splitlines()[0]
    assert ran.out.count("Go home and eat") == 2
    assert VERSE[:20] in ran.out
    assert "[Psalm" not in ran.out
    assert ran.err == ""


def test_what_is_made_only_once_is_announced_once(emmaus):
    first, second = (emmaus("ask", "epictetus", "What is mine?", "--pack", str(STOICS)) for _ in range(2))
    assert first.code == second.code == 0
    assert "only this once" in first.err
    assert second.err == ""


def test_nothing_is_kept_without_consent(emmaus):
    ran = emmaus("chat", "david", stdin="Were you never afraid?\n/up\n")
    assert "not kept, so it cannot be rated: consent to 'store' first" in ran.err
    with open_store(emmaus.home) as store:
        assert store.find(Conversation, source=Source.PERSON) == []


def test_what_was_allowed_in_other_words_keeps_nothing(emmaus):
    emmaus.agreed_to_other_words()
    ran = emmaus("chat", "david", stdin="Were you never afraid?\n")
    assert "What you allowed holds no more" in ran.out
    assert "Nothing is kept. To change that: emmaus consent store" in ran.out
    assert emmaus("consent").out.endswith("the words that you agreed to have changed.\n")
    with open_store(emmaus.home) as store:
        assert store.find(Conversation, source=Source.PERSON) == []
    emmaus("consent", "store")
    assert "holds no more" not in emmaus("consent").out
    assert "Nothing is kept" not in emmaus("chat", "david", stdin="Were you never afraid?\n").out
    with open_store(emmaus.home) as store:
        assert store.count(Conversation, source=Source.PERSON) == 1


def test_feedback_is_kept_with_consent(emmaus):
    said = (
        "/consent store train\nWere you never afraid?\n/up plain and true\nAnd then?\n/down too long\n/flag\n"
        "/edit I went on.\n/edit\nI went on,\nand sang.\n.\n/sources\n/consent\n"
    )
    ran = emmaus("chat", "david", stdin=said)
    assert ran.err == ""
    assert "store, train" in ran.out
    with open_store(emmaus.home) as store:
        (conversation,) = store.find(Conversation, source=Source.PERSON)
        assert [turn.question for turn in conversation.turns] == ["Were you never afraid?", "And then?"]
        ratings = store.find(Rating)
    assert [rating.value for rating in ratings] == [1, -1, 0, 0, 0]
    assert ratings[0].reason == "plain and true"
    assert [rating.correction for rating in ratings[3:]] == ["I went on.", "I went on,\nand sang."]
    assert ratings[2].flag


def test_a_rating_that_is_refused_or_broken_off_keeps_nothing(emmaus):
    said = f"Were you never afraid?\n/consent store\n/up {'a' * 4001}\n/edit\n.\n"
    ran = emmaus("chat", "david", stdin=said)
    assert "at most 4,000" in ran.err
    assert "the corrected answer is empty" in ran.err
    running = emmaus.start("chat", "david")
    running.stdin.write("/consent none\nWere you never afraid?\n/consent store\n/edit\nHalf a line\n")
    running.stdin.flush()
    _until(running, "a single dot")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    with open_store(emmaus.home) as store:
        assert store.find(Conversation, source=Source.PERSON) == []


def test_a_lost_server_ends_the_answer_and_not_the_chat(emmaus):
    ran = emmaus("chat", "david", stdin="Are you LOST?\nAnd now?\n")
    assert ran.code == 1
    assert "I was afraid in" in ran.out
    assert "Go home and eat" in ran.out
    assert ran.err.count("\n") == 1
    assert "lost" in ran.err


def test_a_command_ends_a_corrected_answer_and_is_obeyed(emmaus):
    said = "/consent store train\nWere you never afraid?\n/edit\nI went on.\n/consent none\n/edit\nHalf a line"
    ran = emmaus("chat", "david", stdin=said)
    assert "nothing was kept: end the answer with a single dot before the next command" in ran.err
    with open_store(emmaus.home) as store:
        assert store.find(Rating) == []
        assert store.consent(store.meta("subject")) == frozenset()


def test_quit_in_the_midst_of_a_corrected_answer_ends_the_chat(emmaus):
    said = "/consent store\nWere you never afraid?\n/edit\nHalf a line\n/quit\nAnd then?\n"
    ran = emmaus("chat", "david", stdin=said)
    assert ran.out.count("Go home and eat") == 1
    assert "nothing was kept: end the answer with a single dot" in ran.err
    with open_store(emmaus.home) as store:
        assert store.find(Rating) == []


def test_a_corrected_answer_that_is_never_ended_is_not_kept(emmaus):
    ran = emmaus("chat", "david", stdin="/consent store\nWere you never afraid?\n/edit\nHalf a line\n")
    assert "nothing was kept: end the answer with a line that holds a single dot" in ran.err
    with open_store(emmaus.home) as store:
        assert store.find(Rating) == []


def test_every_question_decides_the_code_of_a_pipe(emmaus):
    assert emmaus("chat", "david", stdin="And now?\nAre you LOST?\n").code == 1


def test_ctrl_c_stops_the_answer_and_keeps_the_chat(emmaus):
    running = emmaus.start("chat", "david")
    running.stdin.write("Are you SLOW?\n")
    running.stdin.flush()
    _until(running)
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    out, err = running.communicate("And now?\n", timeout=60)
    assert "stopped" in out
    assert "Go home and eat" in out
    assert err == ""
    assert running.returncode == 0


def _until(running, words="I was afraid"):
    text = ""
    while words not in text:
        piece = running.stdout.read(1)
        assert piece, text
        text += piece
    return text


def test_chat_as_json(emmaus):
    ran = emmaus("chat", "david", "--json", stdin="/consent store\nWere you never afraid?\n")
    assert len(ran.json["turns"]) == 1
    assert ran.json["conversation"]
    assert "an AI" in ran.err


def test_forgetting_in_the_chat(emmaus):
    ran = emmaus("chat", "david", stdin="/consent store\nWere you never afraid?\n/forget\n/forget yes\n/up\n/bogus\n")
    assert "Nothing was deleted" in ran.out
    assert "Deleted: 1 conversation." in ran.out
    assert "no answer yet" in ran.err
    assert "/bogus" in ran.err
    with open_store(emmaus.home) as store:
        assert store.find(Conversation, source=Source.PERSON) == []


@pytest.mark.parametrize("stdin", ["", "\n\n", "/quit\nWho are you?\n"])
def test_end_of_input_and_quit_end_the_chat(emmaus, stdin):
    ran = emmaus("chat", "david", stdin=stdin)
    assert ran.code == 0
    assert "Go home" not in ran.out


def test_ask_shows_words_and_sources(emmaus):
    ran = emmaus("ask", "david", "Were you never afraid?", "--show-sources")
    assert VERSE[:20] in ran.out
    assert "(WEB)" in ran.out
    turn = emmaus("ask", "david", "Were you never afraid?", "--json").json
    assert "[Psalm 56:3]" in turn["answer"]
    assert turn["passages"]


def test_letters_that_a_terminal_does_not_know_are_no_reason_to_fail(emmaus):
    ran = emmaus("ask", "david", "Were you never afraid?", PYTHONIOENCODING="ascii")
    assert ran.code == 0
    text = emmaus("chat", "david", "--json", stdin="Was it süß?\n", PYTHONIOENCODING="ascii").out
    assert json.loads(text)["turns"]
