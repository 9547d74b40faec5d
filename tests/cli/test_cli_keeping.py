"""What is kept of a person, on the command line: listed, read, named, gone on with, rated, taken along, deleted."""

import json

import pytest

from emmaus.cli import app
from emmaus.types import Conversation, Rating, Scope


@pytest.fixture
def said(open_small):
    """A home with two conversations, and the ids of both."""
    home = open_small(["It is up to you.", "Be brave.", "Sleep now."])
    home.consent({Scope.STORE})
    first, second = home.chat("epictetus"), home.chat("epictetus")
    for talk, question in ((first, "What is mine?"), (first, "And fear?"), (second, "May I rest?")):
        list(talk.say(question))
    ids = first.id, second.id
    home.close()
    return ids


def shown(small, *arguments):
    ran = small(*arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    return ran.json


def test_conversations_are_listed_and_searched(small, said):
    first, second = said
    assert [one["id"] for one in shown(small, "conversations")] == [second, first]
    assert [one["id"] for one in shown(small, "conversations", "list", "BRAVE")] == [first]
    assert [one["id"] for one in shown(small, "conversations", "list", "-n", "1")] == [second]
    assert "May I rest?" in small("conversations", "list").out
    assert "none has these words" in small("conversations", "list", "nowhere").out


def test_a_conversation_is_named_read_and_deleted(small, said):
    first, second = said
    assert shown(small, "conversations", "rename", first[:9], " On  fear ")["title"] == "On fear"
    read = small("conversations", "show", first).out
    for words in ("On fear, with epictetus", "> And fear?", "Be brave.", "answer "):
        assert words in read
    ran = small("conversations", "delete", first)
    assert (ran.code, ran.err) == (
        2,
        f"emmaus: this deletes the conversation {first} with epictetus: add --yes to do it\n",
    )
    assert shown(small, "conversations", "delete", first, "--yes") == {"conversations": 1}
    assert [one["id"] for one in shown(small, "conversations")] == [second]


def test_a_conversation_is_taken_along_as_the_page_gives_it(small, said, tmp_path):
    file = tmp_path / "made" / "talk.json"
    assert shown(small, "conversations", "export", said[0], "-o", str(file)) == {"path": str(file)}
    whole = json.loads(file.read_text("utf-8"))
    assert whole == shown(small, "conversations", "show", said[0]) == shown(small, "conversations", "export", said[0])
    assert [turn["turn"]["text"] for turn in whole["turns"]] == ["It is up to you.", "Be brave."]
    page = small("conversations", "export", said[0], "--format", "markdown").out
    assert page.startswith("# A conversation with Epictetus\n")
    assert "> What is mine?" in page


def test_an_answer_that_is_kept_is_rated_by_its_id(small, said, open_small):
    turn = shown(small, "conversations", "show", said[0])["turns"][0]["turn"]["id"]
    rated = shown(small, "rate", turn, "--down", "--reason", "untrue", "--why", "it is not", "--flag")
    assert (rated["value"], rated["reasons"], rated["reason"], rated["flag"]) == (-1, ["untrue"], "it is not", True)
    assert "you said: a bad answer; flagged" in small("conversations", "show", said[0]).out
    assert len(open_small().store.find(Rating)) == 1
    silent = small("rate", turn)
    assert (silent.code, "--take-back takes a rating back" in silent.err) == (2, True)
    assert "you said: a bad answer" in small("conversations", "show", said[0]).out
    assert small("rate", turn, "--take-back").out == "Taken back.\n"
    assert "you said: a bad answer" not in small("conversations", "show", said[0]).out


def test_everything_is_taken_along_and_where_it_went_is_told(small, said, tmp_path):
    file = tmp_path / "mine.json"
    assert small("mine", "-o", str(file)).out == f"Written: {file}\n"
    everything = json.loads(file.read_text("utf-8"))
    assert [one["conversation"]["id"] for one in everything["conversations"]] == [said[1], said[0]]
    assert everything == shown(small, "mine")
    told = small("mine").out
    assert "You allow: store." in told
    assert said[0] in told


def test_being_asked_to_compare_is_agreed_to_and_taken_back(small):
    assert shown(small, "consent")["comparing"] is False
    assert shown(small, "consent", "--comparing")["comparing"] is True
    assert "which of two answers is better" in small("consent").out
    assert shown(small, "consent", "--no-comparing")["comparing"] is False


def test_an_answer_that_broke_off_is_there_again(small, open_small, server):
    home = open_small("It is up to you alone.")
    home.consent({Scope.STORE})
    talk = home.chat("epictetus")
    list(talk.say("What is mine?"))
    coming = talk.deliver("And fear?")
    next(coming)
    coming.close()
    home.close()
    chat = ("chat", "epictetus", "--model-url", server.url, "--conversation", talk.id, "--json")
    ran = small(*chat, stdin="/again\n")
    assert "it broke off: /again asks once more" in ran.err
    assert [turn["question"] for turn in ran.json["turns"]] == ["What is mine?", "And fear?"]


def test_a_kept_conversation_is_gone_on_with(small, said, server):
    chat = ("chat", "epictetus", "--model-url", server.url, "--json", "--conversation")
    ran = small(*chat, said[0][:9], stdin="And then?\n")
    assert "> And fear?" in ran.err
    assert "Be brave." in ran.err
    assert [turn["question"] for turn in ran.json["turns"]] == ["What is mine?", "And fear?", "And then?"]
    assert ran.json["conversation"] == said[0]
    assert len(shown(small, "conversations", "show", said[0])["turns"]) == 3


def test_a_conversation_with_somebody_else_is_not_gone_on_with(small, said):
    ran = small("chat", "marcus", "--conversation", said[0], stdin="And then?\n")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"this conversation is with epictetus: emmaus chat epictetus --conversation {said[0]}" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("conversations", "show", "p0000"), "no conversation 'p0000' of yours"),
        (("conversations", "show", "p"), "several conversations begin with 'p'"),
        (("conversations", "delete", "", "--yes"), "no conversation '' of yours"),
        (("conversations", "rename", "p0000", "x"), "no conversation 'p0000' of yours"),
        (("chat", "epictetus", "--conversation", "p0000"), "no conversation 'p0000' of yours"),
        (("rate", "t0000", "--up"), "no answer 't0000' of yours that is kept"),
        (("rate", "t0000", "--up", "--down"), "leave --up or --down out"),
        (("rate", "t0000", "--up", "--take-back"), "leave --take-back or the rest out"),
        (("mine", "-o", "/dev/null/mine.json"), "cannot write /dev/null/mine.json"),
    ],
)
def test_what_cannot_be_done_is_one_line(small, said, arguments, says):
    ran = small(*arguments)
    assert ran.code in (1, 2)
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_a_name_that_is_too_long_is_refused(small, said, open_small):
    assert "at most 200 are kept" in small("conversations", "rename", said[0], "a" * 201).err
    assert open_small().store.get(Conversation, said[0]).title == ""


def test_each_module_of_commands_adds_what_it_is_listed_with():
    for room, names in app.ROOMS.items():
        made = app.app(names)
        groups = [group.name for group in made.registered_groups]
        commands = [one.name or one.callback.__name__ for one in made.registered_commands]
        assert {*groups, *commands} == set(names), room
