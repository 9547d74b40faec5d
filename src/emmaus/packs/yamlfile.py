"""YAML that remembers its lines: every mistake is a sentence "FILE:LINE: what is wrong; the fix".

Knows nothing of packs: a `Spot` is a value in a file, and a `Report` takes what is wrong with it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from emmaus.errors import PackError

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = {yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "a single value"}
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Report:
    """Takes mistakes: the first one is raised, or all of them are kept."""

    keep: bool = False
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    """What is no mistake, and could be better."""

    def add(self, file: Path, line: int, what: str, fix: str) -> None:
        """Raise, or keep, one mistake."""
        problem = f"{file}:{line}: {what}; {fix}"
        if not self.keep:
            raise PackError(problem)
        if problem not in self.problems:
            self.problems.append(problem)

    def hint(self, file: Path, line: int, what: str, fix: str) -> None:
        """Keep something that could be better; nothing is raised for it."""
        self.hints.append(f"{file}:{line}: {what}; {fix}")


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a YAML file, with its place. Reading it as what it is not is reported, and gives an empty value."""

    file: Path
    node: yaml.Node
    report: Report

    @property
    def line(self) -> int:
        """Line of the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def wrong(self, what: str, fix: str) -> None:
        """Report a mistake at this place."""
        self.report.add(self.file, self.line, what, fix)

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Spot"]:
        """Give the fields of a mapping; unknown, repeated and missing ones are reported."""
        needed, known = list(required), [*required, *optional]
        found: dict[str, Spot] = {}
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(f"is {_KINDS[type(self.node)]}", f"write a mapping with the fields {', '.join(known)}")
            return found
        for key, value in self.node.value:
            spot = Spot(self.file, key, self.report)
            name = str(key.value)
            if name not in known:
                spot.wrong(f"unknown field {name!r}", f"the fields here are {', '.join(known)}")
            elif name in found:
                spot.wrong(f"field {name!r} is given twice", "keep one of them")
            else:
                found[name] = Spot(self.file, value, self.report)
        for name in needed:
            if name not in found:
                self.wrong(f"field {name!r} is missing", f"add `{name}: ...`")
        return found

    def entries(self) -> dict[str, "Spot"]:
        """Give a mapping with any keys; repeated ones are reported."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(f"is {_KINDS[type(self.node)]}", "write a mapping, one `name: value` a line")
            return {}
        names = [str(key.value) for key, _ in self.node.value]
        return self.fields([], names)

    def items(self, least: int = 0) -> list["Spot"]:
        """Give the entries of a list; fewer than `least` are reported."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong(f"is {_KINDS[type(self.node)]}", "write a list, one `- entry` a line")
            return []
        if len(self.node.value) < least:
            self.wrong(f"has {len(self.node.value)} entries", f"write at least {least}")
        return [Spot(self.file, node, self.report) for node in self.node.value]

    def text(self) -> str:
        """Give words, on one line; anything else, and nothing at all, is reported."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.wrong(f"is {_KINDS[type(self.node)]} where words are expected", "put the words in quotation marks")
            return ""
        if self.node.tag != _TAG + "str":
            kind = self.node.tag.removeprefix(_TAG)
            what = "is empty" if kind == "null" else f"{self.node.value} is read as a {kind}, not as words"
            self.wrong(what, "write the words in quotation marks")
        words = " ".join(str(self.node.value).split())
        if sign := next((sign for sign in words if unicodedata.category(sign) == "Cc"), None):
            self.wrong(f"holds the control character {sign!r}", "take it out")
            words = "".join(one for one in words if unicodedata.category(one) != "Cc")
        if not words and self.node.tag == _TAG + "str":
            self.wrong("is empty", "write the words")
        return words

    def integer(self) -> int:
        """Give a whole number; anything else is reported."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _TAG + "int":
            try:
                return int(self.node.value)
            except ValueError:
                pass
        self.wrong("is not a whole number", "write a year such as 54, or -1000 for one before Christ")
        return 0

    def texts(self, least: int = 0) -> tuple[str, ...]:
        """Give a list of words."""
        return tuple(item.text() for item in self.items(least))


def read(file: Path, report: Report) -> Spot:
    """Open a YAML file; a missing, unreadable or malformed one is reported and reads as an empty mapping.

    What is then missing in that mapping is a consequence, and is not reported.
    """
    empty = yaml.compose("{}", Loader=_Loader)
    assert empty is not None
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        report.add(file, 1, f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
    except OSError as error:
        report.add(file, 1, f"cannot be read ({error.strerror})", "create it as docs/packs.md describes")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        report.add(file, line, f"is not YAML ({error.problem})", "check indentation; quote text with `: ` or `#`")
    except yaml.YAMLError as error:
        report.add(file, 1, f"is not YAML ({' '.join(str(error).split())})", "remove control characters")
    else:
        if node is not None:
            return Spot(file, node, report)
        report.add(file, 1, "is empty", "fill it as docs/packs.md describes")
    return Spot(file, empty, Report(keep=True))
