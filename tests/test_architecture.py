"""The shape of the house: what may import what, how long a module may be, and what starting costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "emmaus"
# Import only from above. Names on one line do not import each other.
ROOMS = [
    {"types", "errors"},
    {"config"},
    {"store"},
    {"packs"},
    {"models"},
    {"grounding"},
    {"chat"},
    {"feedback"},
    {"data"},
    {"training"},
    {"evals"},
    {"serving"},
    {"jobs"},
    {"home"},
    {"steps"},
    {"api"},
    {"wheel"},
    {"web"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
DOORS = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "torch": {"training"},
    "transformers": {"training"},
    "peft": {"training"},
    "httpx": {"models", "serving"},
    "xllamacpp": {"models"},
    "fastapi": {"web"},
    "typer": {"cli"},
}
MODULES = sorted(SOURCE.rglob("*.py"))


def room_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    """Full names of all modules that a file imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_room_is_known() -> None:
    assert {room_of(file) for file in MODULES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_come_only_from_above(file: Path) -> None:
    room = room_of(file)
    if room == "__init__":
        return
    for name in imported(file):
        parts = name.split(".")
        if parts[0] == "emmaus" and len(parts) > 1 and parts[1] in LEVEL:
            other = parts[1]
            assert other == room or LEVEL[other] < LEVEL[room], f"{file.name} in {room} imports {name}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_outside_things_have_one_door(file: Path) -> None:
    for name in imported(file):
        allowed = DOORS.get(name.split(".")[0])
        assert allowed is None or room_of(file) in allowed, f"{file.name} imports {name}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_modules_stay_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 320


def test_no_cycles_between_modules() -> None:
    names = {".".join(("emmaus", *file.relative_to(SOURCE).with_suffix("").parts)): file for file in MODULES}
    names = {name.removesuffix(".__init__"): file for name, file in names.items()}
    # A package's own sign re-exports its modules; what counts is how modules use each other.
    graph = {name: {other for other in imported(file) if other in names and other != name} for name, file in names.items()}
    packages = {name for name, file in names.items() if file.name == "__init__.py"}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name in done or name in packages:
            return
        for other in sorted(graph[name]):
            visit(other, (*path, name))
        done.add(name)

    for name in sorted(names):
        visit(name, ())


@pytest.mark.parametrize("code", ["import emmaus", "import emmaus.api", "import emmaus.cli.main"])
def test_starting_needs_no_torch(code: str) -> None:
    heavy = "{'torch', 'transformers', 'peft', 'gguf', 'fastapi', 'scipy'}"
    check = f"{code}; import sys; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_base_install_names_no_training_library() -> None:
    pyproject = (SOURCE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    base = pyproject.split("dependencies = [", 1)[1].split("]", 1)[0]
    assert not {"torch", "transformers", "peft", "trl"} & {line.strip(' ",').split(">")[0] for line in base.splitlines()}
