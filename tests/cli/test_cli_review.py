"""The review in a terminal, and from scripts."""

import pytest
from terminals import Terminal

from emmaus.store import open_store
from emmaus.types import Conversation, Rating, Review, Score, Source, Turn

OWN = "I was afraid in Gath, and I say so."


@pytest.fixture
def waiting(emmaus):
    """Three generated answers of David, the last flagged, and one of somebody who allowed nothing."""
    with open_store(emmaus.home) as store:
        for number in range(3):
            turn = Turn(f"turn-{number}", f"Were you afraid, number {number}?", "I was. [Psalm 56:3]\x1b[2J", model="m")
            store.add(Conversation(f"c{number}", "david", Source.SYNTHETIC, (turn,)))
            store.add(Score(f"s{number}", turn.id, "b", "checks", {"fluent": 0.5}, 0.7 + number / 10, findings=("so",)))
        store.add(Rating("r", "turn-2", "bob", 0, "secret", True, None, 1.0))
        store.add(Conversation("mine", "david", Source.PERSON, (Turn("turn-9", "My secret?", "Yes."),), "somebody"))
    return emmaus


def kept(emmaus):
    with open_store(emmaus.home) as store:
        return [(one.turn, one.decision, one.reasons, one.correction) for one in store.find(Review)]


def test_the_queue_is_listed_for_people_and_for_programs(waiting):
    ran = waiting("review", "david")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == ["turn", "turn-2", "turn-0", "turn-1", "3"]
    found = waiting("review", "david", "--json", "-n", "2").json
    assert [one["turn"]["id"] for one in found["waiting"]] == ["turn-2", "turn-0"]
    assert found["counts"][0]["waiting"] == 3
    assert waiting("review", "--json").json["waiting"] == waiting("review", "queue", "--json").json["waiting"]
    assert "secret" not in ran.out + str(found)
    assert waiting("review", "ruth").out == "Nothing waits for review.\n"
    assert waiting("review", "nobody").code == 1
    assert "Decide about one answer" in waiting("review", "--help").out


def test_a_script_decides(waiting):
    assert waiting("review", "decide", "turn-0", "accept").out == "you accepted this answer: turn-0\n"
    seen = waiting("review", "david", "--json").json["waiting"][0]["version"]
    rejecting = ("review", "decide", "turn-2", "reject", "--reason", "off-topic", "--reason", "untrue", "--note", "no")
    assert waiting(*rejecting, "--seen", seen, "--json").json["decision"] == "reject"
    late = waiting("review", "decide", "turn-2", "accept", "--seen", seen)
    assert (late.code, "you rejected this answer (off topic; untrue; no) in another window" in late.err) == (1, True)
    assert waiting("review", "decide", "turn-1", "edit", "--correction", OWN).code == 0
    assert waiting("review", "decide", "turn-1", "undo").code == 0
    assert waiting("review", "decide", "turn-9", "accept").code == 1
    assert waiting("review", "decide", "turn-1", "edit").code == 2
    assert kept(waiting) == [
        ("turn-0", "accept", (), None),
        ("turn-2", "reject", ("off topic", "untrue", "no"), None),
        ("turn-1", "edit", (), OWN),
        ("turn-1", "undo", (), None),
    ]


def test_a_sitting_in_a_terminal(waiting):
    desk = Terminal(waiting, "review", "david")
    try:
        desk.expect("A reader flagged it.")
        desk.expect("When I am afraid, I will put my trust in you.")
        desk.expect("quit> ")
        desk.type("x")
        desk.expect("type a, e, r, s, u or q")
        desk.expect("quit> ")
        desk.type("r")
        desk.expect("3 untrue")
        desk.expect("nothing)> ")
        desk.type("3, 7 and so on")
        desk.expect("Rejected.")
        desk.expect("number 0")
        desk.expect("quit> ")
        desk.type("e")
        desk.expect("| ")
        desk.type(OWN)
        desk.expect("| ")
        desk.type(".")
        desk.expect("Edited.")
        desk.expect("number 1")
        desk.expect("quit> ")
        desk.type("u")
        desk.expect("Taken back.")
        desk.expect("number 0")
        desk.expect("quit> ")
        desk.type("skip")
        desk.expect("number 1")
        desk.expect("quit> ")
        desk.type("a")
        desk.expect("number 0")
        desk.expect("quit> ")
        desk.type("q")
        desk.expect("3 answers decided.")
        assert desk.end() == 0
    finally:
        if desk.process.poll() is None:
            desk.process.kill()
            desk.process.wait()
    assert "\x1b[2J" not in desk.text
    assert [(turn, decision) for turn, decision, _, _ in kept(waiting)] == [
        ("turn-2", "reject"),
        ("turn-0", "edit"),
        ("turn-0", "undo"),
        ("turn-0", "skip"),
        ("turn-1", "accept"),
    ]
    assert kept(waiting)[0][2] == ("untrue", "preachy", "and so on")
