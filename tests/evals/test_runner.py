"""An evaluation from the first probe to the gate, with models that answer by script."""

import json
from dataclasses import replace

import pytest

from emmaus.chat import Speaker
from emmaus.errors import BadInput, ModelError
from emmaus.evals import Comparison, evaluate
from emmaus.evals.answers import answers
from emmaus.evals.runner import FEWEST_OTHERS
from emmaus.grounding import Index
from emmaus.grounding.recall import Recall
from emmaus.models.scripted import ScriptedModel
from emmaus.types import CARE, Adapter, Dataset, Example, Message, Probe, Source, digest
from parts import BAD, Likely, Lost, WordVectors, good, question_in

NEW = "voice-1"
CRISIS = Probe("crisis", "epictetus", "fear", "counsel", "I want to die. What would you do?")
COUNSEL = Probe("counsel", "epictetus", "work", "counsel", "Will I get the job?")


def numbered(messages):
    return int(digest(question_in(messages), 8), 16)


def better(messages, adapter):
    """Adapters answer well; the bare model answers badly."""
    return good(numbered(messages)) if adapter else BAD[numbered(messages) % len(BAD)]


def probes(count=40):
    return tuple(
        Probe(f"p{n}", "epictetus", "fear", "life", f"What of the {n} jars that my {n + 1} uncles broke?")
        for n in range(count)
    )


def example(question, answer="I would let them be broken, and I would sweep.", name="c1"):
    messages = (Message("system", "You are Epictetus."), Message("user", question), Message("assistant", answer))
    return Example(name, "epictetus", messages, 0.9, True, Source.AUTHORED, "train")


def dataset(*examples):
    return Dataset("d1", "epictetus", "hash", examples, {}, 0)


ADAPTER = Adapter(NEW, "epictetus", 1, "base", {}, "d1", "hash", "folder", "file.gguf", {}, {})


@pytest.fixture
def compare(stoa, tmp_path):
    def run(
        script=better,
        *,
        learned=(NEW,),
        incumbent=None,
        asked=None,
        others=None,
        datasets=(),
        held=8,
        starter=None,
        alone=(),
        **more,
    ):
        model = Likely(ScriptedModel(script), learned)
        held_out = tuple(example(f"How do I carry the {n} jars?", good(n), f"h{n}") for n in range(held))
        comparison = Comparison(
            stoa,
            model,
            ADAPTER,
            incumbent,
            probes() if asked is None else asked,
            held_out,
            others or {},
            starter=starter,
            alone=alone,
        )
        return evaluate(
            comparison, WordVectors(), cache=tmp_path / "cache", datasets=datasets, clock=lambda: 7.0, **more
        )

    return run


def by_metric(differences):
    return {difference.metric: difference for difference in differences}


def test_a_better_candidate_is_promoted_with_its_numbers(compare):
    seen = []
    evaluation = compare(report=seen.append)
    assert evaluation.decision.promote, evaluation.decision.reasons
    assert (evaluation.candidate, evaluation.incumbent, evaluation.created_at) == (NEW, None, 7.0)
    measured = by_metric(evaluation.differences)
    assert measured["composite"].n == 40
    assert measured["composite"].low > 0
    assert measured["answer_loss"].n == 8
    assert measured["answer_loss"].high < 0
    assert by_metric(evaluation.regressions)["general_loss"].high < 0
    assert by_metric(evaluation.regressions)["general_loss"].n == 40
    assert {(s.arm, s.probe) for s in evaluation.samples} == {
        (arm, probe.id) for arm in ("incumbent", "candidate") for probe in probes()
    }
    assert (seen[-1].done, seen[-1].total, seen[-1].note) == (80, 80, "deciding")
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_what_the_incumbent_spoke_through_is_named(compare):
    assert compare(starter="starter-1", learned=(NEW, "starter-1")).incumbent == "starter-1"


@pytest.mark.parametrize("held", [0, 1])
def test_one_held_out_conversation_is_no_sample_and_ends_nothing(compare, held):
    evaluation = compare(held=held)
    assert "answer_loss" not in by_metric(evaluation.differences)
    assert not evaluation.decision.promote
    assert evaluation.decision.reasons[0] == "answer_loss was not measured: nothing is promoted without it"


def test_samples_keep_what_stood_in_their_prompt(compare, stoa):
    evaluation = compare(asked=probes(35))
    assert all(s.passages == stoa.prompt(s.question).references for s in evaluation.samples)


def test_both_arms_are_asked_the_same_in_the_same_way(stoa, tmp_path):
    model = ScriptedModel(better)
    evaluate(Comparison(stoa, Likely(model), ADAPTER, None, probes(), (), {}), WordVectors(), cache=tmp_path / "cache")
    asked = {arm: {c.messages: c.sampling for c in model.calls if c.adapter == arm} for arm in (None, NEW)}
    assert asked[None] == asked[NEW]
    assert len({sampling.seed for sampling in asked[None].values()}) == 40


def test_an_equal_candidate_is_held_and_says_why(compare):
    evaluation = compare(lambda messages, adapter: good(numbered(messages)), learned=())
    assert not evaluation.decision.promote
    assert "no improvement was seen" in evaluation.decision.reasons[0]
    assert by_metric(evaluation.differences)["composite"].mean == 0


def test_the_same_evaluation_is_the_same_record(compare):
    assert compare() == compare()


def test_a_candidate_that_leaks_into_others_is_held(compare, stoa):
    probed = replace(stoa)  # the pack's other character has no probes, so Epictetus stands in for it
    alone = Speaker(probed, ScriptedModel(lambda messages, adapter: good(numbered(messages)), name="alone"))
    evaluation = compare(others={"epictetus": alone})
    leak = by_metric(evaluation.regressions)["other_characters"]
    assert leak.n == FEWEST_OTHERS
    assert leak.mean < 0
    assert not evaluation.decision.promote
    assert any("other_characters" in reason for reason in evaluation.decision.reasons)


def test_others_are_asked_anew_beside_other_adapters(compare, stoa):
    model = ScriptedModel(lambda messages, adapter: good(numbered(messages)), name="alone")
    asked = []
    for alone in ((), (), ("voice-7",)):
        compare(others={"epictetus": Speaker(stoa, model)}, alone=alone)
        asked.append(len(model.calls))
    assert asked == [FEWEST_OTHERS, FEWEST_OTHERS, 2 * FEWEST_OTHERS]


def test_characters_without_probes_are_not_asked(compare, stoa):
    marcus = replace(stoa, character=stoa.pack.character("marcus"))
    evaluation = compare(others={"marcus": Speaker(marcus, ScriptedModel("I hear you."))})
    assert "other_characters" not in by_metric(evaluation.regressions)
    assert evaluation.decision.promote


@pytest.mark.parametrize("probe", [CRISIS, COUNSEL])
def test_a_probe_that_the_program_answers_is_kept_and_not_counted(compare, probe):
    evaluation = compare(asked=(*probes(35), probe))
    assert by_metric(evaluation.differences)["composite"].n == 35
    cared = [s for s in evaluation.samples if s.probe == probe.id]
    assert len(cared) == 2
    assert all(s.metrics == {} and "stepping out" in s.answer for s in cared)


def test_fewer_than_two_probes_in_character_are_refused_before_anything_is_asked(compare):
    asked = []
    for few, count in (((CRISIS,), 0), (probes(1), 1), ((*probes(1), CRISIS), 1), ((*probes(1), COUNSEL), 1)):
        sentence = f"{count} of {len(few)} probes would be answered in character, at least 2 are needed"
        with pytest.raises(BadInput, match=sentence) as refused:
            compare(lambda *message: asked.append(message), asked=few)
        assert "\n" not in str(refused.value)
    assert asked == []
    assert by_metric(compare(asked=probes(2)).differences)["composite"].n == 2


def test_an_evaluation_needs_probes(compare):
    with pytest.raises(BadInput, match=r"there are no probes .*probes\.yaml"):
        compare(asked=())


@pytest.mark.parametrize("around", ["{}", "I am a clerk. {}", "[Handbook 5:1] It is not things.\n\n{}"])
def test_an_evaluation_on_what_was_learned_is_refused(compare, around):
    learned = dataset(example("How do I begin?"), example(around.format(probes()[7].ask), name="c9"))
    with pytest.raises(BadInput, match=r"dataset d1 contains the held-out question 'What of the 7 .*in c9.*again"):
        compare(datasets=[learned])


class TestAnswers:
    def test_an_interrupted_run_goes_on_and_repeats_nothing(self, stoa, tmp_path):
        drawn = []

        def failing(messages, adapter):
            if len(drawn) == 15:
                raise ModelError("the model stopped answering: start it again")
            drawn.append(question_in(messages))
            return good(numbered(messages))

        with pytest.raises(ModelError, match="stopped answering"):
            answers(Speaker(stoa, ScriptedModel(failing)), probes(), tmp_path)
        rest = ScriptedModel(lambda messages, adapter: good(numbered(messages)))
        counts = []
        turns = answers(Speaker(stoa, rest), probes(), tmp_path, report=counts.append)
        assert [turn.question for turn in turns] == [probe.ask for probe in probes()]
        again = [question_in(call.messages) for call in rest.calls]
        assert not set(again) & set(drawn)
        assert len(again) == 25
        assert (counts[0], counts[-1]) == (15, 40)

    def test_a_finished_run_asks_nothing(self, stoa, tmp_path):
        first = answers(Speaker(stoa, ScriptedModel(better)), probes(), tmp_path)
        model = ScriptedModel("never asked")
        assert answers(Speaker(stoa, model), probes(), tmp_path) == first
        assert model.calls == []

    @pytest.mark.parametrize("torn", [b'\n{"probe": "p0", "turn": {"id', b'\n{"probe": "p0", "turn": "Stra\xc3'])
    def test_a_torn_line_costs_one_answer(self, stoa, tmp_path, torn):
        first = answers(Speaker(stoa, ScriptedModel(better)), probes(6), tmp_path)
        (file,) = tmp_path.glob("*.jsonl")
        rows = [line for line in file.read_bytes().split(b"\n") if line and json.loads(line)["probe"] != "p0"]
        file.write_bytes(b"\n".join(rows) + torn)
        for asked in (1, 0):
            model = ScriptedModel(better)
            turns = answers(Speaker(stoa, model), probes(6), tmp_path)
            assert [t.answer for t in turns] == [t.answer for t in first]
            assert len(model.calls) == asked

    def test_another_adapter_draws_its_own(self, stoa, tmp_path):
        bare = answers(Speaker(stoa, ScriptedModel(better)), probes(3), tmp_path)
        voiced = answers(Speaker(stoa, ScriptedModel(better), NEW), probes(3), tmp_path)
        assert [t.answer for t in bare] != [t.answer for t in voiced]
        assert {t.adapter for t in voiced} == {NEW}

    def test_other_finders_of_verses_or_answers_draw_their_own(self, stoa, tmp_path):
        class Named(WordVectors):
            name = "others"

        given, model = probes(3), ScriptedModel(better)
        recall = Recall(stoa.pack.starters("epictetus"), Named(), tmp_path / "recall")
        with Index.open(tmp_path / "words", stoa.pack, embedder=WordVectors()) as index:
            for count, scene in enumerate((stoa, replace(stoa, index=index), replace(stoa, recall=recall)), 1):
                for _ in range(2):
                    answers(Speaker(scene, model), given, tmp_path / "cache")
                    assert len(model.calls) == 3 * count

    def test_another_version_of_the_program_draws_its_own(self, stoa, tmp_path, rewritten):
        model = ScriptedModel(better)
        answers(Speaker(stoa, model), probes(3), tmp_path / "cache")
        rewritten("grounding/english.py")
        answers(Speaker(stoa, model), probes(3), tmp_path / "cache")
        assert len(model.calls) == 6

    def test_nothing_is_drawn_while_words_alone_find_verses(self, stoa, tmp_path):
        model = ScriptedModel(better)
        with (
            Index.open(tmp_path / "lost", stoa.pack, embedder=Lost()) as index,
            pytest.raises(ModelError, match="embedding server was lost"),
        ):
            answers(Speaker(replace(stoa, index=index), model), probes(3), tmp_path / "cache")
        assert model.calls == []

    def test_care_is_kept_like_any_answer(self, stoa, tmp_path):
        for _ in range(2):
            (turn,) = answers(Speaker(stoa, ScriptedModel(better)), [CRISIS], tmp_path)
            assert turn.model == CARE
