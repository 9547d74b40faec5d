"""How well planted quotations are told apart, and how fast: python bench/quotations.py [--part N] [--errors N].

Plants quotations of all seven kinds in carrier texts (seeded), verifies every text, and prints what was found, the
7-way confusion, the detection of misquotations and the corrections. The part that is measured shares no verse,
carrier, word list or paraphrase with those that were looked at for development.
"""

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from emmaus.grounding.quotation import BAD, Quotation
from emmaus.grounding.verification import verify
from emmaus.packs.corpus import Corpus, known_bibles
from emmaus.packs.quotations import plain
from quotations_planting import Planted, Planter

KINDS = ("exact", "normalised", "partial", "paraphrase", "altered", "wrong_reference", "nonexistent")


def main() -> None:
    """Print the figures of one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=int, default=2, help="0 and 1 were looked at while tuning; 2 is for measuring")
    parser.add_argument("--each", type=int, default=450, help="quotations of each kind")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--errors", type=int, default=0, help="mistakes to print of each sort")
    parser.add_argument("--cache", type=Path, help="folder of the index; a new one when not given")
    parser.add_argument("--process", action="store_true", help="only verify the texts of standard input, one a line")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        cache = given.cache or Path(fresh)
        began = time.perf_counter()
        corpora = list(known_bibles(cache))
        for corpus in corpora:
            len(corpus.concordance)
        built = time.perf_counter() - began
        if given.process:
            for line in sys.stdin:
                verify(line.replace("\x0b", "\n"), corpora)
            return
        planter = Planter(corpora, given.part, given.seed, Path(__file__).with_name("quotations_paraphrases.tsv"))
        texts = planter.all(given.each)
        measure(texts, corpora, given.errors)
        speed(texts, corpora, built, cache)


def measure(texts: list[Planted], corpora: list[Corpus], errors: int) -> None:
    """Verify the texts and print how right it was."""
    confusion: Counter[tuple[str, str]] = Counter()
    extra = right = clear = hits = bad = flagged = 0
    shown: Counter[str] = Counter()
    for planted in texts:
        found = verify(planted.text, corpora)
        mine = [one for one in found if planted.kind and _same(one, planted)]
        extra += len(found) - len(mine[:1])
        got = mine[0].kind if mine else "-"
        flagged += sum(one.bad for one in found) if planted.kind != "paraphrase" else 0
        if planted.kind:
            confusion[planted.kind, got] += 1
            bad += planted.kind in BAD
            hits += planted.kind in BAD and got in BAD
            if planted.answers and got == planted.kind:
                clear += 1
                right += _correct(mine[0], planted, corpora)
        wrong = (got != planted.kind) if planted.kind else bool(found)
        slip = planted.kind == got and bool(planted.answers) and not _correct(mine[0], planted, corpora)
        kinds = got if planted.kind else ", ".join(one.kind for one in found)
        label = f"{planted.kind or 'nothing'} -> {kinds}{' correction' if slip else ''}"
        if (wrong or slip or len(found) > 1) and shown[label] < errors:
            shown[label] += 1
            print(f"  {label} ({planted.how}): {planted.text!r}\n      {found}")
    total = sum(confusion.values())
    seen = sum(many for (_, got), many in confusion.items() if got != "-")
    precision, recall = hits / max(1, flagged), hits / max(1, bad)
    print(f"{len(texts)} texts, {total} quotations")
    print(f"found: recall {seen / total:.4f}, precision {seen / (seen + extra):.4f}")
    f1 = 2 * precision * recall / (precision + recall)
    print(f"misquotations: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    same = sum(many for (kind, got), many in confusion.items() if kind == got)
    print(f"seven kinds: {same / total:.4f} right; corrections right: {right / max(1, clear):.4f} of {clear}")
    print(f"{'':16}" + "".join(f"{kind[:10]:>11}" for kind in (*KINDS, "-")))
    for kind in KINDS:
        print(f"{kind:16}" + "".join(f"{confusion[kind, got]:11}" for got in (*KINDS, "-")))


def _same(one: Quotation, planted: Planted) -> bool:
    return bool(one.text) and (plain(one.text) in plain(planted.words) or plain(planted.words) in plain(one.text))


def _correct(one: Quotation, planted: Planted, corpora: list[Corpus]) -> bool:
    if one.kind != "altered" and one.correction:  # words that stand in several places may be given any of them
        return any(plain(planted.words) in plain(corpus.get(one.correction).text) for corpus in corpora)
    said = plain(one.correction or "")
    for answer in planted.answers:
        true = plain(answer)
        if said == true or (one.kind == "altered" and len(said) >= 0.5 * len(true) and (said in true or true in said)):
            return True
    return False


def speed(texts: list[Planted], corpora: list[Corpus], built: float, cache: Path) -> None:
    """Print the time of a reply, warm, and of a thousand texts with the start of the process."""
    replies = [" ".join(one.text for one in texts[at::97][:2]) for at in range(97)]
    taken = []
    for reply in replies:
        began = time.perf_counter()
        verify(reply, corpora)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    words = statistics.mean(len(reply.split()) for reply in replies)
    print(
        f"a reply ({words:.0f} words, 2 texts): median {statistics.median(taken):.1f} ms, p95 "
        f"{taken[int(0.95 * len(taken))]:.1f} ms"
    )
    lines = "\n".join(one.text.replace("\n", "\x0b") for one in texts[:: max(1, len(texts) // 1000)][:1000])
    began = time.perf_counter()
    command = [sys.executable, __file__, "--process", "--cache", str(cache)]
    subprocess.run(command, input=lines, text=True, check=True)
    print(
        f"1,000 texts in a new process: {time.perf_counter() - began:.1f} s; opened here in "
        f"{built:.1f} s; Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
