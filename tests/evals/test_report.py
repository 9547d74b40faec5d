import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from emmaus.evals import charts
from emmaus.evals.pairs import paired, slices, telling
from emmaus.evals.report import html
from emmaus.types import Difference

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Reads a page as a browser would: its text, and whether every element is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.faults = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def test_the_page_says_the_decision_the_headline_and_every_reason(promoted):
    page = Page(html(promoted))
    assert not page.faults
    assert not page.open
    assert "Promote version 3" in page.text
    assert re.search(r"0\.\d\d → 0\.\d\d", page.text)
    assert re.search(r"\+\d+ % ?\[\+\d+ %, \+\d+ %\] with 95 % confidence, on 130 held-out questions", page.text)
    for reason in promoted.evaluation.decision.reasons:
        assert reason in page.text


def test_a_held_page_begins_with_what_failed_and_lives_without_dataset_and_adapter(held):
    page = Page(html(held))
    assert "Hold david-3-8e1f" in page.text
    assert "not known to this installation" in page.text
    assert page.text.index(held.evaluation.decision.reasons[0]) < page.text.index("What changed")


def test_the_page_loads_and_runs_nothing(promoted):
    text = html(promoted)
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"}
    assert not any({"src", "href", "onclick", "style"} & set(attributes) for _, attributes in page.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_everything_that_made_the_result_is_named(promoted):
    text = Page(html(promoted)).text
    for fact in (
        promoted.command, promoted.machine, promoted.evaluation.base, promoted.evaluation.id, "7a31c0ffee", "9c" * 32,
        "learning_rate", "412.5", "90 authored", "90 synthetic", "not drawn", "2026-02-02",
        "dropped by: scored", "python 3", promoted.character.hash,
    ):  # fmt: skip
        assert fact in text, fact


def test_the_incumbent_is_named_in_words(promoted):
    text = Page(html(promoted)).text
    assert "the adapter that ships (starter-1) to david-3-8e1f" in text
    assert "incumbentthe adapter that ships (starter-1)" in text


def test_what_was_held_out_was_not_learned_from(promoted):
    text = Page(html(promoted)).text
    assert "held out: validation90" in text.replace(" ", "").replace("heldout:validation90", "held out: validation90")
    assert re.search(r"learned from ?90", text)


def test_all_answers_and_all_metrics_stand_in_the_page(promoted):
    page = Page(html(promoted))
    assert "All 130 questions with both answers" in page.text
    assert page.text.count("beforeDavid was the king") >= 40
    for difference in promoted.evaluation.differences:
        assert charts.signed(difference.low) in page.text
    for kind in ("life", "counsel", "faith", "timeline"):
        assert kind in page.text


def test_texts_of_models_cannot_become_markup(promoted):
    attack = "</blockquote><script>alert('x')</script> | `x` *y* & <b>"
    samples = tuple(replace(s, answer=attack, question=attack) for s in promoted.evaluation.samples)
    report = replace(promoted, evaluation=replace(promoted.evaluation, samples=samples), command=attack, machine=attack)
    page = Page(html(report))
    assert not page.faults
    assert "script" not in {tag for tag, _ in page.tags}
    assert attack in page.text


def test_charts_are_wellformed_and_described(promoted):
    differences = promoted.evaluation.differences
    for drawing in (charts.intervals(differences, width=760), charts.intervals(differences, width=340)):
        svg = ElementTree.fromstring(drawing)
        assert svg.find("title").text
        assert "answer loss (lower is better)" in svg.find("desc").text
        dots = svg.findall("circle")
        assert len(dots) == len(differences)
        width = float(svg.get("width"))
        assert all(0 <= float(line.get(end)) <= width for line in svg.findall("line") for end in ("x1", "x2"))
    svg = ElementTree.fromstring(charts.strip([0.1, -0.2, 0.0]))
    assert svg.find("desc").text.startswith("1 probes gain, 1 lose, 1 stay equal")


def test_a_falling_loss_is_drawn_to_the_right(promoted):
    loss = Difference("answer_loss", 20, 3.0, 2.5, -0.5, -0.6, -0.4)
    svg = ElementTree.fromstring(charts.intervals([loss], width=760))
    zero = next(line for line in svg.findall("line") if line.get("class") == "zero")
    assert float(svg.find("circle").get("cx")) > float(zero.get("x1"))
    assert svg.find("circle").get("class") == "dot gain"


@pytest.mark.parametrize("changes", [[0.0], [0.0] * 5, [0.5] * 1000, [-0.1, 0.2] * 700, []])
def test_strips_of_any_size(changes):
    drawing = charts.strip(changes)
    assert not changes or ElementTree.fromstring(drawing) is not None
    assert len(drawing) < 40_000


def test_metrics_without_numbers_and_unknown_ones_are_shown_and_break_nothing(promoted):
    nan = float("nan")
    odd = (
        Difference("charm", 5, 0.1, 0.2, 0.1, 0.05, 0.15), Difference("<b>", 5, nan, nan, nan, nan, nan),
        Difference("composite", 3, 0.0, 0.0, 0.0, 0.0, 0.0),
    )  # fmt: skip
    report = replace(promoted, evaluation=replace(promoted.evaluation, differences=odd, regressions=(), samples=()))
    page = Page(html(report))
    assert not page.faults
    assert "n/a" in page.text
    assert "not measured" in page.text
    assert "charm" in page.text


def test_telling_pairs_are_the_extremes_and_the_rest_by_seed(promoted):
    found = paired(promoted.evaluation, promoted.probes)
    told = telling(found, seed=1)
    assert told.gains[0].change == max(p.change for p in found)
    assert told.losses[0].change == min(p.change for p in found)
    shown = [p.before.probe for p in (*told.gains, *told.losses, *told.random)]
    assert len(shown) == len(set(shown)) == 9
    assert told == telling(list(reversed(found)), seed=1)
    assert told.random != telling(found, seed=2).random


def test_slices_cover_every_kind_once(promoted):
    found = slices(paired(promoted.evaluation, promoted.probes))
    assert {kind for kind, _ in found} == {"life", "counsel", "faith", "timeline"}
    assert sum(difference.n for _, difference in found) == 130


def test_a_probe_that_one_arm_did_not_answer_is_left_out(promoted):
    evaluation = replace(promoted.evaluation, samples=promoted.evaluation.samples[:-1])
    assert len(paired(evaluation, {})) == 129
