"""The rule that everything else stands on: nobody's words are kept or used for what they do not allow at that moment.

In any order of granting, chatting, rating, withdrawing, generating, scoring, freezing, exporting and forgetting.
"""

import itertools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emmaus.chat import Speaker, Talk
from emmaus.data import Drawing, decide, export, freeze, generate, queue, score, still_allowed
from emmaus.errors import BadInput, NotConsented
from emmaus.feedback import grant, keep_and_rate, rate, withdraw
from emmaus.models.scripted import ScriptedModel
from emmaus.store import open_store
from emmaus.types import CARE, ConsentEvent, Conversation, Dataset, Example, Rating, Scope, Score, Source, Turn
from parts import WordVectors, good, question_in, varied

PEOPLE = ["alice", "bob"]
REST = [Scope.REVIEW, Scope.TRAIN, Scope.SHARE]
people = st.sampled_from(PEOPLE)
scopes = st.frozensets(st.sampled_from(REST)).map(lambda rest: rest | {Scope.STORE})


@dataclass
class Said:
    """Words that only one person ever said, and whether they were ever allowed to be kept."""

    person: str
    mark: str
    turn: Turn | None = None
    kept: bool = False


def answer_to(messages, adapter):
    """Repeats a person's words, as models do, so that they stand in answers too."""
    question = question_in(messages)
    marks = [word for word in question.split() if word.startswith("mark")]
    if not marks:
        return varied(messages, adapter)
    return f"{good(sum(map(ord, marks[0])))} I heard you speak of {marks[0]} and I thought of it. [Handbook 5:1]"


def in_own_words(said):
    return f"I would rather say that {said.mark} is mine to carry and I carry it gladly to the well."


class ConsentRule(RuleBasedStateMachine):
    scene = None

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = open_store(self.folder / "home")
        self.seed = itertools.count()
        self.said: list[Said] = []
        self.allowed: dict[str, frozenset[Scope]] = {}
        self.datasets: list[Dataset] = []
        self.speaker = Speaker(self.scene, ScriptedModel(answer_to))
        self.talks = {person: Talk(self.speaker, self.store, person) for person in PEOPLE}
        # What makes a dataset large enough without anybody's words.
        for number in range(24):
            turn = Turn(f"imported-{number}", f"Question number {number} of a book?", good(31 * number + 5))
            self.store.add(Conversation(f"imported-{number}", "epictetus", Source.IMPORTED, (turn,)))
            self.store.add(Score(f"score-{number}", turn.id, "book", "checks", {}, 0.8))

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    def allows(self, person, scope):
        return scope in self.allowed.get(person, frozenset())

    def new(self, person):
        said = Said(person, f"mark{next(self.seed)}{person}")
        self.said.append(said)
        return said

    def marks(self, text):
        return {said.mark: said for said in self.said if said.mark in text}

    def only_of_those_who_allow(self, examples, scope):
        text = "\n".join(message.content for example in examples for message in example.messages)
        for said in self.marks(text).values():
            assert self.allows(said.person, scope), f"{said.person}'s words without {scope}"

    @rule(person=people, wanted=scopes)
    def grant(self, person, wanted):
        grant(self.store, person, wanted)
        self.allowed[person] = wanted

    @rule(person=people)
    def withdraw(self, person):
        withdraw(self.store, person)
        self.allowed[person] = frozenset()

    @rule(person=people, wanted=scopes)
    def agree_to_other_words(self, person, wanted):
        """What the ledger of an older version holds, once the words have changed."""
        self.store.add(ConsentEvent(f"older-{next(self.seed)}", person, wanted, "other words", 0.0))
        self.allowed[person] = frozenset()

    @rule(person=people, crisis=st.sampled_from([False, False, False, True]))
    def chat(self, person, crisis):
        said = self.new(person)
        asked = (
            f"I want to die because of {said.mark}."
            if crisis
            else f"Which lesson of Musonius did you like best, {said.mark}?"
        )
        *_, said.turn = self.talks[person].say(asked)
        assert (said.turn.model == CARE) == crisis
        said.kept = self.allows(person, Scope.STORE)

    @precondition(lambda self: any(said.turn for said in self.said))
    @rule(data=st.data(), value=st.sampled_from([-1, 0, 1, 1, 1]), flag=st.booleans(), correct=st.booleans())
    def rate(self, data, value, flag, correct):
        chosen = data.draw(st.sampled_from([said for said in self.said if said.turn]), "said")
        talk, person = self.talks[chosen.person], chosen.person
        own = self.new(person) if correct else None
        words = in_own_words(own) if own else None
        try:
            keep_and_rate(talk, chosen.turn, value, flag=flag, correction=words)
        except NotConsented:
            assert not self.allows(person, Scope.STORE)
            with pytest.raises(NotConsented):
                rate(self.store, chosen.turn, person, value, flag=flag, correction=words)
            return
        except BadInput:
            assert (value, flag, correct) == (0, False, False)
            assert talk.is_kept(chosen.turn) == chosen.kept
            return
        assert self.allows(person, Scope.STORE)
        for said in self.said:
            if said.person == person and said.turn and talk.is_kept(said.turn):
                said.kept = True
        if own:
            own.kept = True

    @rule(person=people, wanted=scopes, frozen=st.booleans())
    def talk_and_like(self, person, wanted, frozen):
        """What chance would seldom put together: words that are liked, and perhaps learned before anything changes."""
        self.grant(person, wanted)
        self.chat(person, False)
        rate(self.store, self.said[-1].turn, person, 1)
        if frozen:
            self.freeze(0)
            liked = self.said[-1].mark in repr(self.datasets[-1].examples)
            assert liked <= self.allows(person, Scope.TRAIN)

    @rule(person=people, value=st.sampled_from([0, 1]))
    def correct_what_a_machine_said(self, person, value):
        machine = self.store.find(Conversation, source=Source.SYNTHETIC)
        if not machine or not self.allows(person, Scope.STORE):
            return
        own = self.new(person)
        own.kept = True
        words = in_own_words(own)
        rate(self.store, machine[-1].turns[0], person, value, correction=words)

    @rule(n=st.integers(1, 2))
    def generate(self, n):
        job = f"job-{next(self.seed)}"
        generate(
            self.speaker,
            self.store,
            WordVectors(),
            job=job,
            n=n,
            drawing=Drawing(k=1, minimum=0.6, workers=1, patience=400),
        )
        assert self.store.count(Conversation, job=job) == n

    @rule()
    def score(self):
        before = {s.id for s in self.store.find(Score)}
        score(self.store, self.scene, WordVectors())
        spoken = {said.turn.id: said for said in self.said if said.turn}
        for fresh in self.store.find(Score):
            if fresh.id not in before and fresh.turn in spoken:
                person = spoken[fresh.turn].person
                assert self.allows(person, Scope.REVIEW) or self.allows(person, Scope.TRAIN)

    @rule(decision=st.sampled_from(["accept", "reject", "skip", "undo"]), place=st.integers(0, 3))
    def review(self, decision, place):
        found = queue(self.store, ["epictetus"], "reviewer")
        for said in self.marks(repr(found)).values():
            assert self.allows(said.person, Scope.REVIEW), f"{said.person}'s words before a reviewer"
        if found[place:]:
            try:
                decide(self.store, lambda _: self.scene, found[place].turn.id, "reviewer", decision)
            except BadInput:
                assert decision == "undo"

    @rule(seed=st.integers(0, 1))
    def freeze(self, seed):
        dataset = freeze(self.store, self.scene, seed=seed)
        self.only_of_those_who_allow(dataset.examples, Scope.TRAIN)
        text = "\n".join(message.content for example in dataset.examples for message in example.messages)
        assert "I want to die" not in text
        assert "stepping out of the character" not in text
        assert not self.marks(repr(dataset.report))
        self.datasets.append(dataset)

    @precondition(lambda self: self.datasets)
    @rule(data=st.data())
    def export(self, data):
        dataset = data.draw(st.sampled_from(self.datasets))
        file = self.folder / "out" / "dataset.jsonl"
        done = export(self.store, self.store.get(Dataset, dataset.id), file)
        for said in self.marks(file.read_text("utf-8")).values():
            assert self.allows(said.person, Scope.SHARE)
        assert done.written + done.left_out == len(self.store.get(Dataset, dataset.id).examples)

    @rule(person=people)
    def forget(self, person):
        self.store.forget(person)
        self.talks[person].forget()
        for said in self.said:
            if said.person == person:
                said.kept, said.turn = False, None
        for dataset in self.store.find(Dataset):  # their texts lie compressed in the file
            assert all(said.person != person for said in self.marks(repr(dataset)).values())
        self.nothing_unkept_in_any_file()

    @invariant()
    def training_takes_only_what_is_allowed_now(self):
        for dataset in {dataset.id: dataset for dataset in getattr(self, "datasets", [])}.values():
            for now in (dataset, self.store.get(Dataset, dataset.id)):
                examples = still_allowed(self.store, now, Scope.TRAIN)
                assert all(isinstance(example, Example) for example in examples)
                self.only_of_those_who_allow(examples, Scope.TRAIN)
                self.only_of_those_who_allow(still_allowed(self.store, now, Scope.SHARE), Scope.SHARE)

    @invariant()
    def nothing_unkept_in_any_file(self):
        unkept = [said for said in getattr(self, "said", []) if not said.kept]
        if not unkept:
            return
        for file in (self.folder / "home").rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                assert [said.mark for said in unkept if said.mark.encode() in content] == [], file.name


class TestConsentRule(ConsentRule.TestCase):
    settings = settings(
        max_examples=30,
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )

    @pytest.fixture(autouse=True)
    def _on_the_stoa(self, stoa):
        ConsentRule.scene = stoa


def test_a_correction_of_a_machines_answer_is_its_authors_words(stoa, kept):
    turns = [Turn(f"t{n}", f"Question number {n} of a book?", good(31 * n + 5)) for n in range(24)]
    kept.add_all(Conversation(f"c{n}", "epictetus", Source.IMPORTED, (turn,)) for n, turn in enumerate(turns))
    kept.add_all(Score(f"s{n}", turn.id, "book", "checks", {}, 0.8) for n, turn in enumerate(turns))
    grant(kept, "alice", [Scope.STORE])
    rate(kept, turns[0], "alice", 0, correction="I would say it in my own words, and these are they.")

    def corrected(examples):
        return [e.conversation for e in examples if "in my own words" in e.messages[-1].content]

    assert corrected(freeze(kept, stoa).examples) == []
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN])
    dataset = freeze(kept, stoa)
    assert corrected(dataset.examples) == ["c0"]
    assert corrected(still_allowed(kept, dataset, Scope.TRAIN)) == ["c0"]
    assert still_allowed(kept, dataset, Scope.SHARE) == tuple(e for e in dataset.examples if e.conversation != "c0")
    withdraw(kept, "alice")
    assert corrected(still_allowed(kept, dataset, Scope.TRAIN)) == []
    assert kept.find(Rating)


def test_forgetting_takes_a_correction_out_of_datasets_too(stoa, kept):
    turns = [Turn(f"t{n}", f"Question number {n} of a book?", good(31 * n + 5)) for n in range(24)]
    kept.add_all(Conversation(f"c{n}", "epictetus", Source.IMPORTED, (turn,)) for n, turn in enumerate(turns))
    kept.add_all(Score(f"s{n}", turn.id, "book", "checks", {}, 0.8) for n, turn in enumerate(turns))
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN, Scope.SHARE])
    rate(kept, turns[0], "alice", 0, correction="I would say it in my own words, and these are they.")
    dataset = freeze(kept, stoa)
    kept.forget("alice")
    for file in kept.home.rglob("*"):
        assert not file.is_file() or b"in my own words" not in file.read_bytes()
    assert len(kept.get(Dataset, dataset.id).examples) == len(dataset.examples) - 1
    # Nor is it used by whoever read the dataset before.
    assert still_allowed(kept, dataset, Scope.TRAIN) == kept.get(Dataset, dataset.id).examples
