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
    {"accounts"},
    {"packs"},
    {"portraits"},
    {"models"},
    {"grounding"},
    {"chat"},
    {"feedback", "shown"},
    {"data"},
    {"training"},
    {"evals"},
    {"serving"},
    {"jobs"},
    {"roles"},
    {"home"},
    {"steps"},
    {"choosing", "conversations", "reviews", "texts"},
    {"work"},
    {"api"},
    {"wheel"},
    {"web"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
DOORS: dict[str, set[str]] = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "sqlite3": {"store", "grounding/index.py"},
    "pysqlite3": {"store", "grounding/index.py"},
    "torch": {"training"},
    "transformers": {"training"},
    "peft": {"training"},
    "trl": {"training"},
    "gguf": {"training", "models/header.py", "models/quick.py"},
    "safetensors": {"training"},
    "httpx": {"models", "accounts/oidc.py"},
    "argon2": {"accounts"},
    "authlib": {"accounts"},
    "joserfc": {"accounts"},
    "xllamacpp": {"models"},
    "onnxruntime": {"models"},
    "tokenizers": {"models", "training/base.py"},
    "openai": set(),
    "prometheus_client": {"web"},
    "opentelemetry": {"web"},
    "jinja2": {"web", "evals"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "typer": {"cli"},
    "dbos": {"jobs/background.py"},
}
"""Who may import a library: rooms, or single files of another room."""
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


def module_of(file: Path) -> str:
    """Name of the module in a file; that of a package is its sign."""
    return ".".join(("emmaus", *file.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def uses(file: Path, modules: frozenset[str]) -> set[str]:
    """The modules whose code a file asks for: `from room import module` asks for the module, not the room's sign."""
    asked: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            asked |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            asked |= {name if name in modules else node.module or "" for name in whole}
    return asked & modules


def cycle(graph: dict[str, set[str]]) -> tuple[str, ...]:
    """A way from a module back to itself; empty where there is none."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name not in done:
            for other in sorted(graph[name]):
                if found := visit(other, (*path, name)):
                    return found
            done.add(name)
        return ()

    return next((found for name in sorted(graph) if (found := visit(name, ()))), ())


def test_every_room_stands_in_the_tree_of_the_readme() -> None:
    root = SOURCE.parent.parent
    tree = (root / "README.md").read_text(encoding="utf-8").split("## The tree", 1)[1].split("## Read on", 1)[0]
    named = {line.split()[0] for line in tree.splitlines() if line.startswith("    ")}
    rooms = {path.name + ("/" if path.is_dir() else "") for path in SOURCE.iterdir() if not path.name.startswith("_")}
    assert named - {"src/emmaus/"} == (rooms - {"py.typed"}) | {
        "tests/",
        "bench/",
        "tools/",
        "frontend/",
        "scripts/",
        "docs/",
    }


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
        here = {room_of(file), file.relative_to(SOURCE).as_posix()}
        assert allowed is None or here & allowed, f"{file.name} imports {name}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_modules_stay_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 320


def test_no_cycles_between_modules() -> None:
    modules = frozenset(map(module_of, MODULES))
    assert not cycle({module_of(file): uses(file, modules) for file in MODULES})


def test_a_cycle_through_a_rooms_own_sign_is_seen(tmp_path: Path) -> None:
    modules = frozenset({"emmaus.room", "emmaus.room.one", "emmaus.room.two"})
    said = {
        "emmaus.room": "from emmaus.room.one import One",
        "emmaus.room.one": "from emmaus.room import two",
        "emmaus.room.two": "TWO = 2",
    }

    def graph() -> dict[str, set[str]]:
        for name, text in said.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return {name: uses(tmp_path / name, modules) for name in said}

    assert not cycle(graph())
    said["emmaus.room.two"] = "def later():\n    from emmaus.room import One"
    assert cycle(graph()) == ("emmaus.room", "emmaus.room.one", "emmaus.room.two", "emmaus.room")


@pytest.mark.parametrize("code", ["import emmaus", "import emmaus.api", "import emmaus.cli.main"])
def test_starting_needs_no_torch(code: str) -> None:
    heavy = "{'torch', 'transformers', 'peft', 'gguf', 'fastapi', 'scipy', 'dbos'}"
    check = f"{code}; import sys; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_base_install_names_no_training_library() -> None:
    pyproject = (SOURCE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    base = pyproject.split("dependencies = [", 1)[1].split("]", 1)[0]
    named = {line.strip(' ",').split(">")[0] for line in base.splitlines()}
    assert "fastapi" in named
    assert not {"torch", "transformers", "peft", "trl"} & named
