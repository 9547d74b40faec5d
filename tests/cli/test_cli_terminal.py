"""The chat as it is in a terminal."""

import json
import time

import pytest
from terminals import CTRL_C, CTRL_D, Terminal

from emmaus.store import open_store
from emmaus.types import ConsentEvent


@pytest.fixture
def terminal(emmaus):
    made = []

    def start(*arguments, **streams):
        made.append(Terminal(emmaus, *arguments, **streams))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_a_talk_in_a_terminal(terminal, emmaus):
    talk = terminal("chat", "david")
    talk.expect("an AI")
    talk.expect("Allow")
    talk.type("everything")
    talk.expect("store, review, train, share")
    talk.expect("Allow")
    talk.type("store")
    talk.expect("You allow: store.")
    talk.expect("> ")
    talk.type("Were you never afraid?")
    talk.expect("Gath")
    talk.expect("It stands on")
    talk.expect("> ")
    talk.type("Are you SLOW?")
    talk.expect("was")
    talk.type(CTRL_C)
    talk.expect("stopped")
    talk.expect("> ")
    talk.type("/up")
    talk.expect("Thank you")
    talk.type("/forget")
    talk.expect("Type yes")
    talk.type("yes")
    talk.expect("Deleted: 1")
    talk.expect("> ")
    time.sleep(1)  # a key pressed just before the prompt listens is lost
    talk.type(CTRL_D)
    assert talk.end() == 0
    again = terminal("chat", "david")
    again.expect("> ")
    assert "Allow" not in again.text
    again.interrupt_to_the_end()
    again.expect("once more")
    assert again.end() == 130
    with open_store(emmaus.home) as store:
        assert len(store.find(ConsentEvent)) == 1


def test_a_talk_in_a_terminal_whose_record_goes_to_a_file(terminal, tmp_path):
    with (tmp_path / "talk.json").open("w+") as file:
        talk = terminal("chat", "david", "--json", stdout=file)
        talk.expect("Allow (for example")
        talk.type("")
        talk.expect("\n> ")
        talk.type("Were you never afraid?")
        talk.expect("Gath")
        talk.expect("\n> ")
        talk.type("/quit")
        assert talk.end() == 0
        file.seek(0)
        (line,) = file.read().splitlines()
    assert [turn["question"] for turn in json.loads(line)["turns"]] == ["Were you never afraid?"]


def test_new_words_are_agreed_to_anew(terminal, emmaus):
    emmaus.agreed_to_other_words()
    talk = terminal("chat", "david")
    talk.expect("What you allowed holds no more")
    talk.expect("Allow")
    talk.type("store")
    talk.expect("You allow: store.")
    talk.expect("> ")
    talk.type("/quit")
    assert talk.end() == 0


def test_forget_asks_first(terminal):
    asking = terminal("forget")
    asking.expect("Type yes")
    asking.type("no")
    asking.expect("nothing was deleted")
    assert asking.end() == 2


def test_a_name_with_brackets_is_said_beside_the_bar(terminal):
    work = terminal("generate", "[/b]")
    work.expect("generate [/b]")
    work.expect("has no character '[/b]'")
    assert work.end() == 1


def test_progress_is_a_bar(terminal):
    work = terminal("generate", "david", "-n", "2", "--minimum", "0", "-k", "1")
    work.expect("generate david")
    work.expect("/2")
    work.end()
