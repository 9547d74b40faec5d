"""Freezing: the same content is the same dataset, and nothing enters that must not."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emmaus.data import MINIMUM_EXAMPLES, freeze, newest, still_allowed
from emmaus.data.filters import Candidate, in_character
from emmaus.errors import BadInput, NotConsented, NotFound, TooFewExamples
from emmaus.feedback import LIKED, grant, rate
from emmaus.store import open_store
from emmaus.types import CARE, Conversation, Dataset, Scope, Score, Source, Turn
from parts import good

fresh = itertools.count()
OWN = "I would say it shorter, and I would stop there."
unhurried = settings(max_examples=12, suppress_health_check=list(HealthCheck))


def said(number, source=Source.IMPORTED, *, question=None, answer=None, subject=None, model=""):
    name = f"{source}-{number}"
    asked = question or f"What of the {number} jars that my {number + 1} uncles broke?"
    turn = Turn(f"t-{name}", asked, answer or good(31 * number + 5), model=model)
    return Conversation(f"c-{name}", "epictetus", source, (turn,), subject=subject)


def keep(store, conversation, value=0.8):
    store.add(conversation)
    store.add_all(Score(f"s-{t.id}", t.id, "book", "checks", {}, value) for t in conversation.turns)
    return conversation


def filled(store, count=30, **more):
    for number in range(count):
        keep(store, said(number, **more))
    return store


def split_of(store, scene, conversation, split):
    """A seed that draws the conversation into the split."""
    seeds = (seed for seed in range(60) if conversation in ids(freeze(store, scene, seed=seed), split))
    return next(seeds)


class Reworded:
    """A pack with other wordings."""

    def __init__(self, pack, wordings):
        self._pack, self._wordings = pack, wordings

    def __getattr__(self, name):
        return getattr(self._pack, name)

    def wordings(self, slug):
        return self._wordings


def ids(dataset, split=None):
    return {e.conversation for e in dataset.examples if split in (None, e.split)}


def drops(dataset):
    return {drop["conversation"]: drop for drop in dataset.report["drops"]}


def test_too_few_say_what_to_do(stoa, kept):
    with pytest.raises(TooFewExamples, match=rf"needs at least {MINIMUM_EXAMPLES}: .*emmaus generate epictetus"):
        freeze(kept, stoa)
    assert kept.find(Dataset) == []


@unhurried
@given(numbers=st.sets(st.integers(0, 60), min_size=25, max_size=40), seed=st.integers(0, 3))
def test_the_same_content_is_the_same_dataset(stoa, tmp_path_factory, numbers, seed):
    frozen = []
    for _ in range(2):
        with open_store(tmp_path_factory.mktemp("home")) as store:
            for number in sorted(numbers):
                keep(store, said(number))
            first = freeze(store, stoa, seed=seed, clock=lambda: float(next(fresh)))
            assert freeze(store, stoa, seed=seed, clock=lambda: float(next(fresh))) == first
            assert store.count(Dataset) == 1
            frozen.append(first)
    assert frozen[0].id == frozen[1].id == f"d{frozen[0].hash}"
    assert frozen[0].examples == frozen[1].examples
    assert {e.conversation for e in frozen[0].examples} == set(frozen[0].parents)


@unhurried
@given(seed=st.integers(0, 5), more=st.integers(1, 12))
def test_synthetic_ones_move_nothing_between_the_splits(stoa, tmp_path_factory, seed, more):
    with open_store(tmp_path_factory.mktemp("home")) as store:
        before = freeze(filled(store), stoa, seed=seed)
        for number in range(100, 100 + more):
            keep(store, said(number, Source.SYNTHETIC))
        after = freeze(store, stoa, seed=seed)
    assert ids(after) > ids(before)
    for split in ("validation", "test"):
        assert ids(after, split) == ids(before, split) != set()
    assert not ids(after, "validation") & ids(after, "test")


@unhurried
@given(data=st.data())
def test_no_probe_enters_whatever_stands_around_it(stoa, tmp_path_factory, data):
    probes = [p for slug in stoa.pack.characters for p in stoa.pack.probes(slug)]
    probe = data.draw(st.sampled_from(probes))
    around = st.sampled_from(["", "I am a young clerk.", "My ship went down with all I had.", "Tell me the truth."])
    question = f"{data.draw(around)} {probe.ask} {data.draw(around)}".strip()
    with open_store(tmp_path_factory.mktemp("home")) as store:
        caught = keep(filled(store), said(100, question=data.draw(st.sampled_from([question, question.upper()]))))
        dataset = freeze(store, stoa)
    assert caught.id not in ids(dataset)
    assert drops(dataset)[caught.id]["rule"] == "probe"
    assert drops(dataset)[caught.id]["twin"] == probe.id


def test_the_newest_dataset_is_the_one_that_was_frozen_last(stoa, kept):
    with pytest.raises(NotFound, match="epictetus has no dataset yet: emmaus freeze epictetus"):
        newest(kept, "epictetus")
    small, large = freeze(filled(kept), stoa, most=22), freeze(kept, stoa)
    assert newest(kept, "epictetus") == large != small
    assert freeze(kept, stoa, most=22) == small == newest(kept, "epictetus")


def test_a_twin_is_reported_with_the_one_it_repeats(stoa, kept):
    filled(kept)
    first, second = said(3), said(200, Source.SYNTHETIC, question=said(3).turns[0].question, answer=good(31 * 3 + 5))
    keep(kept, second)
    dataset = freeze(kept, stoa)
    assert second.id not in ids(dataset)
    assert drops(dataset)[second.id]["rule"] == "twin"
    assert drops(dataset)[second.id]["twin"] == first.id
    assert dataset.report["dropped"]["twin"] == 1


def test_what_is_poor_or_unscored_says_so(stoa, kept):
    filled(kept)
    keep(kept, said(100), 0.69)
    kept.add(said(101))
    dataset = freeze(kept, stoa)
    assert drops(dataset)["c-imported-100"]["evidence"] == "0.69 is below 0.70"
    assert drops(dataset)["c-imported-101"]["rule"] == "unscored"
    assert "c-imported-100" in ids(freeze(kept, stoa, minimum=0.6))


@pytest.mark.parametrize(("share", "entered"), [(0.0, 0), (0.1, 3), (1.0, 6)])
def test_synthetic_ones_are_capped_and_the_best_enter(stoa, kept, share, entered):
    filled(kept)
    for number in range(6):
        keep(kept, said(100 + number, Source.SYNTHETIC), 0.72 + number / 100)
    dataset = freeze(kept, stoa, synthetic=share)
    assert dataset.report["sources"].get("synthetic", 0) == entered
    assert dataset.report["not_drawn"] == 6 - entered
    assert {key for key in ids(dataset) if "synthetic" in key} == {f"c-synthetic-{105 - n}" for n in range(entered)}


@pytest.mark.parametrize(("wordings", "learned"), [(0, 0), (1, 1), (5, 2)])
def test_what_is_learned_is_learned_in_other_wordings_too(stoa, kept, wordings, learned):
    filled(kept)
    starter = stoa.pack.starters("epictetus")[2]
    dataset = freeze(kept, stoa, wordings=wordings, seed=split_of(kept, stoa, starter.id, "train"))
    asked = [e.messages[-2].content.rsplit("\n\n", 1)[-1] for e in dataset.examples if e.conversation == starter.id]
    assert asked == [starter.turns[0].question, *stoa.pack.wordings("epictetus")[starter.id][:learned]]
    again = [e.messages[-2].content for e in dataset.examples if e.conversation == starter.id][1:]
    assert all(starter.turns[0].answer in content for content in again)
    assert len(dataset.parents) == len(ids(dataset)) == dataset.report["kept"]
    assert dataset.report["sources"] == {"authored": 4, "imported": 30}


@pytest.mark.parametrize("split", ["validation", "test"])
def test_what_is_held_out_is_in_one_wording(stoa, kept, split):
    filled(kept)
    starter = stoa.pack.starters("epictetus")[2]
    dataset = freeze(kept, stoa, seed=split_of(kept, stoa, starter.id, split))
    assert [e.split for e in dataset.examples if e.conversation == starter.id] == [split]


def test_without_other_wordings_the_question_itself_recalls_its_answer(stoa, kept):
    first = stoa.pack.starters("epictetus")[0]
    assert stoa.pack.wordings("epictetus")[first.id] == ()
    dataset = freeze(filled(kept), stoa, seed=split_of(kept, stoa, first.id, "train"))
    plain, again = [e.messages[-2].content for e in dataset.examples if e.conversation == first.id][-2:]
    assert first.turns[0].answer not in plain
    assert plain.endswith(first.turns[0].question)
    assert first.turns[0].answer in again
    assert again.endswith(first.turns[0].question)


def test_no_probe_enters_as_a_wording(stoa, kept):
    probe = stoa.pack.probes("epictetus")[0]
    starter = stoa.pack.starters("epictetus")[2]
    seed = split_of(filled(kept), stoa, starter.id, "train")
    pack = Reworded(stoa.pack, {starter.id: (probe.ask, "they nicked my jacket")})
    dataset = freeze(kept, replace(stoa, pack=pack), seed=seed)
    asked = [e.messages[-2].content.rsplit("\n\n", 1)[-1] for e in dataset.examples if e.conversation == starter.id]
    assert asked == [starter.turns[0].question, "they nicked my jacket"]


def test_no_crisis_enters_as_a_wording(stoa, kept):
    starter = stoa.pack.starters("epictetus")[2]
    seed = split_of(filled(kept), stoa, starter.id, "train")
    pack = Reworded(stoa.pack, {starter.id: ("I want to kill myself", "they nicked my jacket")})
    dataset = freeze(kept, replace(stoa, pack=pack), seed=seed)
    asked = [e.messages[-2].content.rsplit("\n\n", 1)[-1] for e in dataset.examples if e.conversation == starter.id]
    assert asked == [starter.turns[0].question, "they nicked my jacket"]


def test_a_probe_in_other_words_does_not_enter(stoa, kept):
    probe = stoa.pack.probes("epictetus")[0]
    words = probe.ask.rstrip("?").split()
    shuffled = " ".join(words[1:] + words[:1]) + "?"
    caught = keep(filled(kept), said(100, question=shuffled))
    drop = drops(freeze(kept, stoa))[caught.id]
    assert (drop["rule"], drop["twin"]) == ("probe", probe.id)


def test_a_negative_number_of_wordings_is_refused(stoa, kept):
    with pytest.raises(BadInput, match=r"cannot learn -1 other wordings: give 0 or more"):
        freeze(filled(kept), stoa, wordings=-1)


def test_a_negative_share_is_refused(stoa, kept):
    with pytest.raises(BadInput, match=r"cannot mix in -1 synthetic .*: give 0 or more"):
        freeze(filled(kept), stoa, synthetic=-1)


def orders(*said):
    return list(itertools.permutations(said))


class TestRated:
    @pytest.fixture
    def spoken(self, kept):
        grant(kept, "alice", [Scope.STORE, Scope.TRAIN])
        filled(kept)
        kept.add(said(100, Source.PERSON, subject="alice"))
        return kept

    def frozen(self, store, stoa):
        dataset = freeze(store, stoa)
        found = [e for e in dataset.examples if e.conversation == "c-person-100"]
        return found[0] if found else drops(dataset)["c-person-100"]["rule"]

    def rate(self, store, value, **more):
        rate(store, said(100, Source.PERSON).turns[0], "alice", value, **more)

    def test_a_like_validates(self, spoken, stoa):
        assert self.frozen(spoken, stoa) == "unscored"
        self.rate(spoken, 1)
        example = self.frozen(spoken, stoa)
        assert (example.quality_score, example.is_human_validated) == (LIKED, True)

    @pytest.mark.parametrize("objection", [{"value": -1}, {"value": 1, "flag": True}, {"value": 0, "flag": True}])
    def test_dislikes_and_flags_stay_out(self, spoken, stoa, objection):
        self.rate(spoken, 1)
        self.rate(spoken, **objection)
        assert self.frozen(spoken, stoa) == "objection"

    @pytest.mark.parametrize("order", orders({"value": 1}, {"value": -1}, {"correction": OWN}))
    def test_a_correction_stands_in_every_order(self, spoken, stoa, order):
        for said in order:
            self.rate(spoken, **{"value": 0, **said})
        example = self.frozen(spoken, stoa)
        assert (example.messages[-1].content, example.quality_score) == (OWN, LIKED)

    @pytest.mark.parametrize("order", orders({"value": 1}, {"value": 1, "reason": "so"}, {"flag": True}))
    def test_a_flag_stands_in_every_order(self, spoken, stoa, order):
        for said in order:
            self.rate(spoken, **{"value": 0, **said})
        assert self.frozen(spoken, stoa) == "objection"

    @pytest.mark.parametrize("order", orders({"correction": OWN}, {"flag": True}))
    def test_a_flagged_answer_is_learned_only_as_it_was_corrected(self, spoken, stoa, order):
        for said in order:
            self.rate(spoken, 0, **said)
        assert self.frozen(spoken, stoa).messages[-1].content == OWN

    @pytest.mark.parametrize(("values", "enters"), [((1, -1), False), ((-1, 1), True)])
    def test_the_latest_thumb_holds(self, spoken, stoa, values, enters):
        for value in values:
            self.rate(spoken, value)
        assert (self.frozen(spoken, stoa) != "objection") == enters

    def test_what_was_taken_back_is_not_learned(self, spoken, stoa):
        self.rate(spoken, 0, correction=OWN)
        self.rate(spoken, 0)
        assert self.frozen(spoken, stoa) == "unscored"

    def test_a_like_that_was_taken_back_is_no_like(self, spoken, stoa):
        self.rate(spoken, 1)
        self.rate(spoken, 0)
        assert self.frozen(spoken, stoa) == "unscored"

    def test_a_correction_replaces_the_answer(self, spoken, stoa):
        self.rate(spoken, -1, flag=True, correction="I would say it shorter, and I would stop there.")
        example = self.frozen(spoken, stoa)
        assert example.messages[-1].content == "I would say it shorter, and I would stop there."
        assert example.is_human_validated
        assert spoken.get(Conversation, "c-person-100").turns[0].answer == good(31 * 100 + 5)

    def test_somebody_elses_flag_is_not_outvoted_by_a_later_like(self, spoken, stoa):
        grant(spoken, "bob", [Scope.STORE])
        rate(spoken, said(100, Source.PERSON).turns[0], "bob", 0, flag=True)
        self.rate(spoken, 1)
        assert self.frozen(spoken, stoa) == "objection"

    def test_nothing_enters_without_train(self, spoken, stoa):
        self.rate(spoken, 1)
        grant(spoken, "alice", [Scope.STORE, Scope.REVIEW, Scope.SHARE])
        assert self.frozen(spoken, stoa) == "consent"


def test_whoever_a_conversation_is_of_decides_and_what_was_forgotten_is_used_for_nothing(stoa, kept):
    sources = [source for source in Source if source is not Source.AUTHORED]  # those are the pack's, and nobody's words
    hers = {keep(filled(kept), said(200 + n, source, subject="alice")).id for n, source in enumerate(sources)}
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN, Scope.SHARE])
    dataset = freeze(kept, stoa)
    others = tuple(example for example in dataset.examples if example.conversation not in hers)
    assert len(others) == len(dataset.examples) - 4
    assert still_allowed(kept, dataset, Scope.SHARE) == dataset.examples
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN])
    assert still_allowed(kept, dataset, Scope.TRAIN) == dataset.examples
    assert still_allowed(kept, dataset, Scope.SHARE) == others
    kept.forget("alice")
    assert still_allowed(kept, dataset, Scope.TRAIN) == others  # a dataset that was read before


def test_what_is_deleted_while_it_is_frozen_is_written_nowhere(stoa, kept):
    keep(filled(kept), said(200, subject="alice"))
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN])
    deleted = []

    def halfway(progress):
        if progress.done == progress.total and not deleted:
            deleted.append(kept.forget("alice"))

    with pytest.raises(NotConsented, match="deleted what they had said"):
        freeze(kept, stoa, report=halfway)
    assert deleted == [1]
    assert not kept.find(Dataset)
    assert "alice" not in {kept.get(Conversation, id).subject for id in freeze(kept, stoa).parents}


def test_a_crisis_is_never_learned(stoa, kept):
    filled(kept)
    keep(kept, said(100, model=CARE))
    keep(kept, said(101, question="I want to die. What do you say?"))
    dropped = drops(freeze(kept, stoa))
    assert {key: (drop["rule"], drop["evidence"]) for key, drop in dropped.items()} == {
        "c-imported-100": ("care", "a question was answered by the program, out of character"),
        "c-imported-101": ("care", "its question 1 is taken for a crisis (self-harm, by the patterns)"),
    }


def test_counsel_of_no_character_is_never_learned_but_where_it_is_declined_by_hand(stoa, kept):
    starter = stoa.pack.starters("epictetus")[0]
    declining = replace(starter, turns=(replace(starter.turns[0], question="Should I skip my heart pills?"),))
    filled(kept)
    for number, source in ((100, Source.IMPORTED), (101, Source.SYNTHETIC)):
        keep(kept, said(number, source, question="Will I get the job?"))
    candidates = [Candidate(one, 1.0, True) for one in (declining, *kept.find(Conversation))]
    rule = in_character(candidates)
    assert rule(candidates[0]) is None
    dropped = {c.conversation.id: rule(c) for c in candidates if rule(c)}
    why = "its question 1 asks for what no character gives (prophecy)"
    assert {key: (drop.rule, drop.evidence) for key, drop in dropped.items()} == {
        "c-imported-100": ("care", why),
        "c-synthetic-101": ("care", why),
    }


def test_an_edited_hand_written_conversation_does_not_live_on_in_the_store(stoa, kept):
    starter = stoa.pack.starters("epictetus")[0]
    kept.add(replace(starter, id="before-the-edit", turns=(replace(starter.turns[0], id="old", answer="Old words."),)))
    dataset = freeze(filled(kept), stoa)
    assert "before-the-edit" not in ids(dataset)
    assert starter.id in ids(dataset)
    assert all(e.quality_score == 1 and e.is_human_validated for e in dataset.examples if e.source == "authored")
