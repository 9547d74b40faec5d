"""The review queue: in its order, only of those who allow it, and what is decided there is learned or left out."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emmaus.data import REASONS, decide, freeze, queue, reviewed, told, waiting
from emmaus.errors import BadInput, Conflict, NotConsented, NotFound
from emmaus.feedback import BY_RATING, LIKED, grant, rate
from emmaus.grounding.past import Past
from emmaus.store import open_store
from emmaus.types import CARE, Conversation, Rating, Review, Scope, Score, Source, Turn, digest
from parts import WordVectors, good

OWN = "I would say it shorter, and I would stop there."
clock = itertools.count(1)


def tick():
    return float(next(clock))


def said(store, name, value=None, source=Source.SYNTHETIC, *, subject=None, character="epictetus", **more):
    turn = Turn(f"t-{name}", f"What of {name}?", good(int(digest(name, 6), 16)), **more)
    store.add(Conversation(f"c-{name}", character, source, (turn,), subject=subject))
    if value is not None:
        store.add(Score(f"s-{name}", turn.id, "book", "checks", {"fluent": 1.0}, value, findings=("fluent: it is",)))
    return turn


def rated(store, name, subject, value=0, **more):
    at = tick()
    store.add(Rating(f"r{at}", f"t-{name}", subject, value, at=at, **more))


def names(store, reviewer="ann", **more):
    return [one.turn.id.removeprefix("t-") for one in queue(store, ["epictetus"], reviewer, **more)]


def judged(store, stoa, name, decision, *, by="ann", **more):
    return decide(store, lambda _: stoa, f"t-{name}", by, decision, clock=tick, **more)


def test_flagged_ones_come_first_then_the_most_doubtful(kept):
    for name, value in [("sure", 0.99), ("near", 0.71), ("poor", 0.2), ("flagged", 1.0), ("loved", 0.3)]:
        said(kept, name, value)
    said(kept, "unscored")
    said(kept, "hated", 0.98)
    rated(kept, "flagged", "bob", flag=True)
    rated(kept, "loved", "bob", 1)
    rated(kept, "hated", "bob", -1)
    rated(kept, "sure", "bob", 1)
    # 1.0; then .72 + .98, .60 + .70, 1, .99, .71 + .01, .50
    assert names(kept) == ["flagged", "hated", "loved", "unscored", "near", "sure", "poor"]
    assert names(kept, limit=3) == ["flagged", "hated", "loved"]
    (first, *_) = queue(kept, ["epictetus"], "ann")
    assert first.flagged
    why = {one.turn.id: one.why for one in queue(kept, ["epictetus"], "ann")}
    assert why["t-flagged"] == "A reader flagged it."
    assert why["t-near"] == "Its score of 0.71 is close to the 0.70 that decides."
    assert why["t-hated"] == "A reader did not like it, but its score is 0.98."
    assert why["t-loved"] == "A reader liked it, but its score is 0.30."
    assert why["t-unscored"] == "Nothing has scored it yet."
    assert why["t-poor"] == "It was generated; its score is 0.20."


def test_a_like_is_no_score_of_its_own(kept):
    grant(kept, "bob", [Scope.STORE])
    turn = said(kept, "liked", 0.4)
    rate(kept, turn, "bob", 1)
    (one,) = queue(kept, ["epictetus"], "ann")
    assert {score.rubric for score in kept.scores([turn.id])[turn.id]} == {"book", BY_RATING}
    assert (one.score.value, one.findings) == (0.4, ("fluent: it is",))


def test_what_is_decided_waits_no_more_until_it_is_taken_back_or_flagged_anew(kept, stoa):
    for name in ("a", "b", "c"):
        said(kept, name, 0.7)
    judged(kept, stoa, "a", "accept")
    judged(kept, stoa, "b", "reject", reasons=["untrue", "preachy"], note="He never was there.")
    assert names(kept) == ["c"]
    counts = reviewed(kept, ["epictetus", "marcus"])
    assert [(one.waiting, one.flagged, one.accepted, one.edited, one.rejected) for one in counts] == [
        (1, 0, 1, 0, 1),
        (0, 0, 0, 0, 0),
    ]
    assert waiting(kept, "t-b").why == "It was reviewed."
    assert told(waiting(kept, "t-b").decided) == "ann rejected this answer (untrue; preachy; He never was there.)"
    judged(kept, stoa, "b", "undo")
    assert sorted(names(kept)) == ["b", "c"]
    rated(kept, "a", "bob", flag=True)
    assert names(kept)[0] == "a"
    assert waiting(kept, "t-a").why == "A reader flagged it after it was reviewed."
    assert reviewed(kept, ["epictetus"])[0].flagged == 1
    judged(kept, stoa, "a", "accept")
    assert "a" not in names(kept)


def test_what_a_reviewer_skips_comes_last_for_them_alone_in_the_order_of_skipping(kept, stoa):
    for name, value in [("a", 0.70), ("b", 0.71), ("c", 0.72)]:
        said(kept, name, value)
    judged(kept, stoa, "b", "skip")
    judged(kept, stoa, "a", "skip")
    assert names(kept) == ["c", "b", "a"]
    assert names(kept, "zoe") == ["a", "b", "c"]
    judged(kept, stoa, "b", "skip")
    assert names(kept) == ["c", "a", "b"]
    rated(kept, "b", "bob", flag=True)
    assert names(kept) == ["b", "c", "a"]
    judged(kept, stoa, "a", "undo")
    assert names(kept) == ["b", "a", "c"]


def test_only_what_may_be_reviewed_is_in_the_queue(kept):
    for subject, scopes in [("yes", [Scope.STORE, Scope.REVIEW]), ("no", [Scope.STORE, Scope.TRAIN, Scope.SHARE])]:
        grant(kept, subject, scopes)
        said(kept, f"person-{subject}", 0.7, Source.PERSON, subject=subject)
        said(kept, f"file-{subject}", 0.7, Source.IMPORTED, subject=subject)
    said(kept, "nobody", 0.7, Source.PERSON)
    said(kept, "never-asked", 0.7, Source.PERSON, subject="stranger")
    said(kept, "file", 0.7, Source.IMPORTED)
    said(kept, "generated", 0.7)
    said(kept, "written", 0.7, Source.AUTHORED)
    said(kept, "help", 0.7, model=CARE)
    said(kept, "elsewhere", 0.7, character="marcus")
    turn = said(kept, "asked-again", 0.7)
    kept.append_turn("c-asked-again", Turn("t-anew", "And now?", "Now."), instead_of=[turn.id])
    assert sorted(names(kept)) == ["anew", "file", "file-yes", "generated", "person-yes"]
    assert reviewed(kept, ["epictetus"])[0].waiting == 5


def test_what_was_flagged_waits_also_where_it_was_asked_again(kept, stoa):
    first = said(kept, "first", 0.7)
    second, anew = Turn("t-second", "And then?", good(3)), Turn("t-anew", "And then, again?", good(4))
    kept.append_turn("c-first", second)
    kept.append_turn("c-first", Turn("t-third", "And last?", good(5)))
    rated(kept, "third", "bob", flag=True)
    kept.append_turn("c-first", anew, instead_of=["t-second", "t-third"])
    assert names(kept) == ["third", "first", "anew"]
    (flagged, *others) = queue(kept, ["epictetus"], "ann")
    assert flagged.why == waiting(kept, "t-third").why == "A reader flagged it, and it was asked again since."
    assert [turn.id for turn in flagged.history] == [first.id, second.id]  # as they led to it
    assert [turn.id for turn in others[1].history] == [first.id]
    (counts,) = reviewed(kept, ["epictetus"])
    assert (counts.waiting, counts.flagged) == (3, 1)
    judged(kept, stoa, "third", "reject", reasons=["harmful"])
    assert names(kept) == ["first", "anew"]
    (counts,) = reviewed(kept, ["epictetus"])
    assert (counts.waiting, counts.flagged, counts.rejected) == (2, 0, 1)
    with pytest.raises(NotConsented, match="or asked again"):
        waiting(kept, "t-second")


def test_a_readers_words_are_shown_only_while_they_allow_it_and_never_who_they_are(kept):
    said(kept, "a", 0.7)
    grant(kept, "open", [Scope.STORE, Scope.REVIEW])
    grant(kept, "shut", [Scope.STORE, Scope.TRAIN])
    for subject in ("open", "shut"):
        rated(kept, "a", subject, -1, reason=f"{subject} thinks so", correction=f"{subject} would say this")
    (one,) = queue(kept, ["epictetus"], "ann")
    assert {(heard.value, heard.reasons, heard.correction) for heard in one.ratings} == {
        (-1, ("open thinks so",), "open would say this"),
        (-1, (), None),
    }
    grant(kept, "open", [])
    assert "thinks so" not in repr(queue(kept, ["epictetus"], "ann"))
    assert "subject" not in repr(one)


class Reading(RuleBasedStateMachine):
    """Whoever says, rates, decides, allows or is forgotten, in whatever order: no queue holds what is not allowed."""

    scene = None
    people = st.sampled_from(["alice", "bob"])

    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        self.store = open_store(Path(self.folder.name))
        self.allowed, self.spoken, self.number = {}, {}, itertools.count()

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def allows(self, person):
        return Scope.REVIEW in self.allowed.get(person, ())

    @rule(who=people, scopes=st.frozensets(st.sampled_from([Scope.REVIEW, Scope.TRAIN])))
    def allow(self, who, scopes):
        self.allowed[who] = scopes
        grant(self.store, who, scopes | {Scope.STORE} if scopes else ())

    @rule(who=people, source=st.sampled_from(list(Source)))
    def say(self, who, source):
        self.spoken[said(self.store, f"{who}{next(self.number)}", 0.7, source, subject=who).id] = who

    @rule(who=people, value=st.integers(-1, 1), flag=st.booleans())
    def rate(self, who, value, flag):
        for turn in self.spoken:
            rated(self.store, turn.removeprefix("t-"), who, value, reason=f"words of {who}", flag=flag)

    @rule(who=people)
    def forget(self, who):
        self.store.forget(who)
        self.spoken = {turn: whose for turn, whose in self.spoken.items() if whose != who}

    @rule(reviewer=people, decision=st.sampled_from(["accept", "reject", "skip", "undo"]))
    def decide(self, reviewer, decision):
        for turn, whose in self.spoken.items():
            before = self.store.count(Review)
            try:
                decide(self.store, lambda _: self.scene, turn, reviewer, decision, clock=tick)
            except (NotConsented, BadInput, Conflict):
                assert self.store.count(Review) == before
            else:
                assert self.allows(whose)

    @invariant()
    def only_what_is_allowed_is_in_the_queue(self):
        if not hasattr(self, "store"):
            return
        found = queue(self.store, ["epictetus"], "alice")
        assert all(self.allows(self.spoken[one.turn.id]) for one in found)
        words = {words for one in found for rating in one.ratings for words in rating.reasons}
        assert all(self.allows(each.removeprefix("words of ")) for each in words)
        assert reviewed(self.store, ["epictetus"])[0].waiting == len(found)
        assert all(waiting(self.store, one.turn.id) == one for one in found)


class TestReading(Reading.TestCase):
    settings = settings(max_examples=25, stateful_step_count=15, suppress_health_check=list(HealthCheck))

    @pytest.fixture(autouse=True)
    def _on_the_stoa(self, stoa):
        Reading.scene = stoa


def test_consent_that_is_withdrawn_between_queue_and_decision_refuses_it(kept, stoa):
    grant(kept, "bob", [Scope.STORE, Scope.REVIEW])
    said(kept, "a", 0.7, Source.PERSON, subject="bob")
    (one,) = queue(kept, ["epictetus"], "ann")
    grant(kept, "bob", [Scope.STORE, Scope.TRAIN])
    for decision in ("accept", "reject", "skip"):
        with pytest.raises(NotConsented, match="not up for review"):
            judged(kept, stoa, "a", decision, version=one.version)
    with pytest.raises(NotConsented):
        waiting(kept, "t-a")
    # Nor where it is withdrawn after all else was looked at.
    with pytest.raises(NotConsented, match="go on with the next one"):
        kept.decide(Review("v", "t-a", "ann", "accept"), "")
    kept.forget("bob")
    with pytest.raises(NotFound, match="no answer 't-a' here"):
        judged(kept, stoa, "a", "accept", version=one.version)
    with pytest.raises(NotFound, match="go on with the next one"):
        kept.decide(Review("v", "t-a", "ann", "accept"), "")
    assert kept.find(Review) == []


def test_who_decides_second_is_told_what_the_first_decided(kept, stoa):
    said(kept, "a", 0.7)
    (one,) = queue(kept, ["epictetus"], "ann")
    judged(kept, stoa, "a", "reject", by="zoe", reasons=["untrue"], version=one.version)
    with pytest.raises(Conflict, match=r"^zoe rejected this answer \(untrue\) meanwhile: look at it again"):
        judged(kept, stoa, "a", "accept", version=one.version)
    with pytest.raises(Conflict, match=r"^you rejected this answer .* in another window"):
        judged(kept, stoa, "a", "accept", by="zoe", version=one.version)
    judged(kept, stoa, "a", "accept", version=waiting(kept, "t-a").version)
    assert waiting(kept, "t-a").decided.decision == "accept"
    assert kept.count(Review) == 2


def test_the_same_decision_sent_again_is_kept_once(kept, stoa):
    said(kept, "a", 0.7)
    first = judged(kept, stoa, "a", "accept", version="")
    assert judged(kept, stoa, "a", "accept", version="") == first
    undone = judged(kept, stoa, "a", "undo", version=first.id)
    assert judged(kept, stoa, "a", "undo", version=first.id) == undone
    with pytest.raises(Conflict, match="you took back"):
        judged(kept, stoa, "a", "accept", version="")  # what was taken back does not come back by itself
    assert kept.count(Review) == 2


def test_of_many_who_decide_at_once_one_does(kept, stoa):
    said(kept, "a", 0.7)
    start, won, lost = Barrier(6), [], []

    def work(number):
        start.wait()
        try:
            won.append(judged(kept, stoa, "a", "accept" if number % 2 else "reject", by=f"r{number}", version=""))
        except Conflict as error:
            lost.append(error)

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost), kept.count(Review)) == (1, 5, 1)


def test_only_ones_own_latest_decision_can_be_taken_back(kept, stoa):
    said(kept, "a", 0.7)
    with pytest.raises(BadInput, match="nothing of yours to take back"):
        judged(kept, stoa, "a", "undo")
    judged(kept, stoa, "a", "accept")
    judged(kept, stoa, "a", "reject", by="zoe")
    with pytest.raises(Conflict, match="zoe rejected this answer after you"):
        judged(kept, stoa, "a", "undo")
    judged(kept, stoa, "a", "undo", by="zoe")
    assert waiting(kept, "t-a").decided.reviewer == "ann"  # what was decided before holds again
    judged(kept, stoa, "a", "undo")
    assert waiting(kept, "t-a").decided is None
    assert names(kept) == ["a"]


@pytest.mark.parametrize(
    ("decision", "more", "sentence"),
    [
        ("approve", {}, "nothing can be decided as 'approve'"),
        ("reject", {"reasons": ["boring"]}, "'boring' is no reason: choose from off topic"),
        ("reject", {"note": "x" * 4001}, "at most 4,000 are kept"),
        ("accept", {"correction": OWN}, "written anew only to edit"),
        ("edit", {}, "the edited answer is empty"),
        ("edit", {"correction": " \n"}, "the edited answer is empty"),
        ("edit", {"correction": "As it is."}, "the one that was given"),
        ("edit", {"correction": "I say: “Whales sing at noon.” (Handbook 1:1)"}, "stands nowhere in Plain"),
    ],
)
def test_what_cannot_be_kept_is_refused(kept, stoa, decision, more, sentence):
    kept.add(Conversation("c", "epictetus", Source.SYNTHETIC, (Turn("t-a", "Why?", "As it is."),)))
    with pytest.raises(BadInput, match=sentence):
        judged(kept, stoa, "a", decision, **more)
    assert kept.find(Review) == []


class TestLearned:
    @pytest.fixture
    def filled(self, kept):
        for number in range(24):
            said(kept, f"book{number}", 0.8, Source.IMPORTED)
        grant(kept, "bob", [Scope.STORE, Scope.REVIEW, Scope.TRAIN])
        said(kept, "bobs", 0.2, Source.PERSON, subject="bob")
        return kept

    def frozen(self, store, stoa, name="bobs"):
        more = len(store.find(Conversation))  # the same content again would be the same old dataset
        said(store, f"more{more}", 0.8, Source.IMPORTED)
        dataset = freeze(store, stoa)
        found = [e for e in dataset.examples if e.conversation == f"c-{name}"]
        drops = {drop["conversation"]: drop for drop in dataset.report["drops"]}
        return found[0] if found else (drops[f"c-{name}"]["rule"], drops[f"c-{name}"]["evidence"])

    def test_what_is_accepted_is_validated_and_what_readers_had_against_it_is_answered(self, filled, stoa):
        assert self.frozen(filled, stoa)[0] == "quality"
        rated(filled, "bobs", "bob", -1, flag=True)
        assert self.frozen(filled, stoa)[0] == "objection"
        judged(filled, stoa, "bobs", "accept")
        example = self.frozen(filled, stoa)
        assert (example.quality_score, example.is_human_validated) == (LIKED, True)
        assert example.messages[-1].content == filled.get(Conversation, "c-bobs").turns[0].answer
        rated(filled, "bobs", "bob", -1)
        assert self.frozen(filled, stoa)[0] == "objection"  # said since then, it counts
        judged(filled, stoa, "bobs", "undo")
        assert self.frozen(filled, stoa)[0] == "objection"

    def test_what_is_edited_is_learned_in_place_of_what_was_said(self, filled, stoa):
        rated(filled, "bobs", "bob", -1, flag=True)
        judged(filled, stoa, "bobs", "edit", correction=OWN)
        example = self.frozen(filled, stoa)
        assert (example.messages[-1].content, example.is_human_validated) == (OWN, True)
        rated(filled, "bobs", "bob", -1)  # nobody but the reviewer has seen the edited one
        assert self.frozen(filled, stoa).messages[-1].content == OWN
        judged(filled, stoa, "bobs", "undo")
        assert self.frozen(filled, stoa)[0] == "objection"

    def test_what_is_rejected_is_dropped_with_its_reasons_whatever_readers_say(self, filled, stoa):
        judged(filled, stoa, "book3", "reject", reasons=["preachy", "untrue"], note="Bob said it was his own mother.")
        rated(filled, "bobs", "bob", 1)
        judged(filled, stoa, "bobs", "reject")
        rated(filled, "bobs", "bob", 1, correction=OWN)
        assert self.frozen(filled, stoa, "book3") == ("review", "an answer was rejected (untrue, preachy)")
        assert self.frozen(filled, stoa) == ("review", "an answer was rejected (no reason given)")

    def test_a_skip_decides_nothing(self, filled, stoa):
        judged(filled, stoa, "bobs", "skip")
        assert self.frozen(filled, stoa)[0] == "quality"
        judged(filled, stoa, "bobs", "accept")
        judged(filled, stoa, "bobs", "skip")
        assert self.frozen(filled, stoa).is_human_validated

    def test_consent_rules_all_the_same(self, filled, stoa):
        judged(filled, stoa, "bobs", "accept")
        grant(filled, "bob", [Scope.STORE, Scope.REVIEW, Scope.SHARE])
        assert self.frozen(filled, stoa)[0] == "consent"

    def test_a_readers_very_words_stay_theirs_when_a_reviewer_takes_them_over(self, filled, stoa):
        grant(filled, "carol", [Scope.STORE, Scope.REVIEW, Scope.TRAIN])
        rated(filled, "book3", "carol", correction=OWN)
        judged(filled, stoa, "book3", "edit", correction=OWN)
        assert self.frozen(filled, stoa, "book3").messages[-1].content == OWN
        grant(filled, "carol", [Scope.STORE, Scope.REVIEW])
        assert self.frozen(filled, stoa, "book3")[0] == "review"
        filled.forget("carol")
        assert self.frozen(filled, stoa, "book3").messages[-1].content != OWN
        assert filled.find(Review) == []

    def test_a_rejected_answer_is_not_recalled_and_an_edited_one_is_as_it_was_edited(self, filled, stoa):
        rated(filled, "bobs", "bob", 1)
        past = Past(filled, "epictetus", WordVectors())
        given = filled.get(Conversation, "c-bobs").turns[0].answer

        def recalled():
            found = past.found("What of bobs?")
            return found and found[0].answer

        assert recalled() == given
        judged(filled, stoa, "bobs", "reject")
        assert recalled() is None
        judged(filled, stoa, "bobs", "undo")
        assert recalled() == given
        judged(filled, stoa, "bobs", "edit", correction=OWN)
        assert recalled() == OWN


def test_forgetting_takes_the_words_out_of_what_reviewers_wrote_elsewhere(kept, stoa):
    grant(kept, "bob", [Scope.STORE, Scope.REVIEW])
    said(kept, "bobs", 0.7, Source.PERSON, subject="bob")
    words = kept.get(Conversation, "c-bobs").turns[0].answer
    for name in ("quoted", "copied"):
        said(kept, name, 0.7)
    judged(kept, stoa, "bobs", "reject", note="so it goes")
    judged(kept, stoa, "quoted", "reject", reasons=["other"], note=f"as in: {words}")
    judged(kept, stoa, "copied", "edit", correction=words)
    kept.forget("bob")
    (left,) = kept.find(Review)
    assert (left.turn, left.reasons) == ("t-quoted", ("other", ""))
    for file in kept.home.rglob("*"):
        assert not file.is_file() or words.encode() not in file.read_bytes()


def test_reasons_are_a_short_list():
    assert len(REASONS) == len(set(REASONS)) == 10
