import numpy as np
import pytest

from emmaus.evals.gate import Rule, decide
from emmaus.evals.report import Report
from emmaus.evals.statistics import paired_difference
from emmaus.types import (
    Adapter,
    Character,
    Dataset,
    Era,
    Evaluation,
    Example,
    Message,
    Probe,
    Sample,
    Source,
    VoiceTrait,
)

QUESTIONS = {
    "life": [
        "What was the first thing you noticed about Goliath when he came out to shout?",
        "How many brothers did you have?",
        "What did Jonathan give you, and why those things?",
        "Whose sword did you use to finish off the Philistine champion?",
    ],
    "counsel": [
        "My brother has not spoken to me since our mother's funeral. Where do I begin?",
        "I was passed over at work for somebody who lies. How do I stay calm?",
        "I cannot sleep for worry about my son.",
    ],
    "faith": ["Do you ever feel that nobody hears you when you pray?", "How do you know that you are forgiven?"],
    "timeline": ["What do you think of Saint Paul's letters?", "Would you ride in an aeroplane?"],
}
BARE = [
    "As a language model I do not have personal experiences, but David was known for his courage. It is important to "
    "remember that everyone feels afraid. Here are a few things to consider: first, breathe; second, breathe again.",
    "David was the king of Israel. He was a great king. He was a great king of Israel and he was a great man.",
    'I am glad you asked. There is a verse that says "be strong and never worry" (Psalm 200:4).',
]
TRAINED = [
    "His shadow came over the brook before his voice did. I saw bronze from head to foot, and one bare hand's breadth "
    "over the eyes; I thought of the lion: it too had looked larger than its death. [1 Samuel 17:45]",
    "You lie awake as I lay awake for Absalom. I could not carry him by worrying. "
    "Tell the Lord his name, once, aloud; then eat something. What is it you fear most for him? [Psalm 4:8]",
    "That name is from after my days; I will not pretend to know it. Ask me of Nathan, who told me the truth.",
]


def made_up(*, rise=0.22, count=130, seed=4):
    """An evaluation as it could have been, with metrics drawn at random and sentences repeated."""
    draw = np.random.default_rng(seed)
    kinds = [(kind, question) for kind, questions in QUESTIONS.items() for question in questions]
    probes, samples = {}, []
    columns = {}
    for index in range(count):
        kind, question = kinds[index % len(kinds)]
        probe = Probe(f"p{index:03}", "david", "courage", kind, question)
        probes[probe.id] = probe
        hard = draw.normal(0, 0.1)
        for arm, level, texts in (("incumbent", 0.49, BARE), ("candidate", 0.49 + rise, TRAINED)):
            value = float(np.clip(draw.normal(level + hard, 0.14), 0, 1))
            metrics = {
                "composite": value,
                "addresses": float(np.clip(value + draw.normal(0, 0.15), 0, 1)),
                "first_person": float(draw.random() < (0.7 if arm == "incumbent" else 0.97)),
                "fluent": float(np.clip(draw.normal(0.6 if arm == "incumbent" else 0.86, 0.1), 0, 1)),
                "length": float(np.clip(draw.normal(0.8, 0.2), 0, 1)),
                "true_names": float(draw.random() < 0.95),
                "true_life": 1.0,
                "quotation": float(draw.random() < (0.93 if arm == "incumbent" else 0.99)),
                "in_time": float(draw.random() < (0.96 if arm == "incumbent" else 0.995)),
                "distinct": float(np.clip(draw.normal(0.71 if arm == "incumbent" else 0.69, 0.1), 0, 1)),
            }
            for name, number in metrics.items():
                columns.setdefault(name, {}).setdefault(arm, []).append(number)
            samples.append(Sample(probe.id, arm, question, texts[index % len(texts)], metrics))
    differences = [paired_difference(name, arms["incumbent"], arms["candidate"]) for name, arms in columns.items()]
    loss = draw.normal(3.1, 0.3, 24)
    differences.append(paired_difference("answer_loss", loss, loss - draw.normal(0.52, 0.2, 24)))
    prose = draw.normal(2.7, 0.4, 40)
    regressions = [
        paired_difference("general_loss", prose, prose + draw.normal(0.04, 0.06, 40)),
        paired_difference("other_characters", [0.5] * 16, [0.5] * 16),
    ]
    return Evaluation(
        id="e51c09ab7d2e4f18",
        character="david",
        candidate="david-3-8e1f",
        incumbent=None,
        base="SmolLM2-135M-Instruct (f16, 1f9c07be)",
        probes="b0d1c2a3",
        samples=tuple(samples),
        differences=tuple(differences),
        regressions=tuple(regressions),
        decision=decide(differences, regressions, Rule()),
        created_at=1_770_000_000.0,
    ), probes


def report_of(evaluation, probes, *, known=True):
    character = Character(
        "bible", "david", "David", "shepherd, singer, king of Israel", Era(-1040, -970, "about 1000 before Christ"),
        "Jerusalem", "You are David.", *((),) * 11, (VoiceTrait("plain", "I was afraid."),), (),
    )  # fmt: skip
    spoken = (Message("user", "?"), Message("assistant", "!"))
    examples = [Example(f"c{n}", "david", spoken, 0.9, True, Source.AUTHORED, "train") for n in range(90)]
    examples += [Example(f"c{n}", "david", spoken, 0.9, True, Source.AUTHORED, "train") for n in range(40)]
    examples += [Example(f"s{n}", "david", spoken, 0.8, False, Source.SYNTHETIC, "validation") for n in range(90)]
    dropped = {"consented": 12, "scored": 96, "distinct": 31, "unseen": 4}
    funnel = {"kept": 204, "dropped": dropped, "not_drawn": 24}
    dataset = Dataset("d7a31", "david", "7a31c0ffee", tuple(examples), funnel, 0)
    adapter = Adapter(
        "david-3-8e1f", "david", 3, evaluation.base, {"rank": 16, "alpha": 16, "learning_rate": 1e-3, "seed": 0},
        "d7a31", "7a31c0ffee", "adapters/david-3", "adapters/david-3.gguf", {"david-3.gguf": "9c" * 32},
        {"seconds": 412.5, "validation_loss": 2.31, "tokens_per_second": 201.0}, 1_770_000_000.0,
    )  # fmt: skip
    return Report(
        evaluation, character, probes, dataset if known else None, adapter if known else None,
        "emmaus evaluate david --candidate david-3-8e1f", 1_770_000_600.0, "2 cores of an AMD EPYC, 8 GB, no GPU",
        "the adapter that ships (starter-1)",
    )  # fmt: skip


@pytest.fixture(scope="session")
def promoted():
    return report_of(*made_up())


@pytest.fixture(scope="session")
def held():
    return report_of(*made_up(rise=0.01, count=40), known=False)
