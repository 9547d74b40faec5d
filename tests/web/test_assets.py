"""What pages refer to is installed, is what the lockfile pins, comes from here alone, and is kept while it holds."""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest

from emmaus.errors import NotFound
from emmaus.web.assets import STATIC, asset

ROOT = Path(__file__).parent.parent.parent
VENDOR = STATIC / "vendor"
LOCK = ROOT / "frontend" / "package-lock.json"
TEMPLATES = sorted((STATIC.parent / "templates").glob("*.html"))
NOWHERE = "http://127.0.0.1:9"
"""Where no registry answers."""


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def pip_wheel(root, out, registry):
    """Build a wheel of a source tree as anybody would who has npm fetch from this registry."""
    command = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--disable-pip-version-check", "-w", str(out)]
    npm = {"npm_config_registry": registry, "npm_config_cache": str(out / "cache"), "npm_config_fetch_retries": "0"}
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env=os.environ | npm)


@pytest.fixture(scope="module")
def stamp():
    file = VENDOR / "stamp.json"
    assert file.exists(), "the files of npm packages are not installed: run make setup, or pip wheel . --no-deps"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def locked():
    """The packages of the lockfile by name."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    return {path.removeprefix("node_modules/"): held for path, held in packages.items() if path}


@pytest.fixture(scope="module")
def wheel(stamp, tmp_path_factory):
    """A wheel of the working tree, built where npm reaches no registry: what is there already is not fetched again."""
    out = tmp_path_factory.mktemp("wheel")
    ended = pip_wheel(ROOT, out, NOWHERE)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with ZipFile(next(out.glob("emmaus-*.whl"))) as opened:
        yield opened


@pytest.fixture
def clone(tmp_path):
    """The least of the repository that builds, without what npm brings."""
    root = tmp_path / "clone"
    (root / "src" / "emmaus").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", "src/emmaus/__init__.py"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "frontend", root / "frontend", ignore=shutil.ignore_patterns("node_modules"))
    return root


@pytest.fixture
def mirror(stamp):
    """A registry on this computer with packages of the same names and files, each file holding its own name.

    Speaks as much of the protocol as installing needs: the document of a package, and its archive.
    """
    origins = {
        "htmx.org": ["dist/htmx.min.js", "LICENSE"],
        "uplot": ["dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"],
    }
    archives = {name: packed(name, files) for name, files in origins.items()}

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/").removesuffix(".tgz")
            document = {"name": name, "dist-tags": {"latest": "9.9.9"}, "versions": {"9.9.9": self.version(name)}}
            body = archives[name] if self.path.endswith(".tgz") else json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def version(self, name):
            tarball = f"http://{self.headers['Host']}/{name}.tgz"
            return {"name": name, "version": "9.9.9", "dist": {"tarball": tarball}}

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", archives
    server.shutdown()
    thread.join()
    server.server_close()


def packed(name, files):
    """The archive of a package."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for file in ["package.json", *files]:
            content = json.dumps({"name": name, "version": "9.9.9"}) if file == "package.json" else f"{name} {file}"
            entry = tarfile.TarInfo(f"package/{file}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return buffer.getvalue()


def lock(root, archives):
    """Pin the packages of the mirror in a clone."""
    pinned = {
        f"node_modules/{name}": {
            "version": "9.9.9",
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode(),
        }
        for name, archive in archives.items()
    }
    asked = {"name": "emmaus-frontend", "dependencies": dict.fromkeys(archives, "9.9.9")}
    (root / "frontend" / "package.json").write_text(json.dumps(asked), encoding="utf-8")
    whole = {"name": "emmaus-frontend", "lockfileVersion": 3, "requires": True, "packages": {"": asked} | pinned}
    (root / "frontend" / "package-lock.json").write_text(json.dumps(whole), encoding="utf-8")


def test_what_is_installed_is_what_the_lockfile_pins(stamp, locked):
    assert stamp["lock"] == sha256(LOCK)
    assert stamp["packages"] == {name: held["version"] for name, held in locked.items()}
    assert stamp["packages"].keys() == {"htmx.org", "uplot"}
    assert stamp["files"] == {file.name: sha256(file) for file in VENDOR.iterdir() if file.name != "stamp.json"}
    assert f'version:"{stamp["packages"]["htmx.org"]}"' in (VENDOR / "htmx.min.js").read_text(encoding="utf-8")
    assert f"(v{stamp['packages']['uplot']})" in (VENDOR / "uPlot.iife.min.js").read_text(encoding="utf-8")[:100]


def test_each_package_brings_its_licence(stamp):
    assert "Zero-Clause BSD" in (VENDOR / "htmx.LICENSE.txt").read_text(encoding="utf-8")
    assert "MIT License" in (VENDOR / "uPlot.LICENSE.txt").read_text(encoding="utf-8")


def test_the_lockfile_has_a_hash_for_each_package_and_names_no_host(locked):
    assert locked
    assert all(held["integrity"].startswith("sha512-") for held in locked.values())
    assert not any("hasInstallScript" in held for held in locked.values())
    for file in (ROOT / "frontend").glob("*.json"):
        assert "://" not in file.read_text(encoding="utf-8")
    assert (ROOT / "frontend" / ".npmrc").read_text(encoding="utf-8") == "omit-lockfile-registry-resolved=true\n"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_templates_refer_only_to_files_that_exist_here(template):
    text = template.read_text(encoding="utf-8")
    for name in re.findall(r"asset\(\"([^\"]+)\"\)", text):
        assert (STATIC / name).is_file()
    assert not re.search(r"(?<!placeholder=\"http)://|(src|href|action)=\"//", text)
    assert "/static/" not in text, "a file is named with asset(), so that its address changes when it does"


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.[jc]s*")), ids=lambda file: file.name)
def test_our_files_refer_only_to_files_that_exist_here(file):
    text = file.read_text(encoding="utf-8")
    assert "://" not in text
    for name in re.findall(r"(?:\bfrom|\bimport|url\()\s*\(?[\"']([^\"']+)[\"']", text):
        assert (file.parent / name).is_file()


def test_a_wheel_has_every_file_of_the_tree(wheel):
    source = ROOT / "src"
    there = {file.relative_to(source).as_posix() for file in (source / "emmaus").rglob("*") if file.is_file()}
    packed = set(wheel.namelist())
    assert {name for name in there if "__pycache__" not in name} == {
        name for name in packed if ".dist-info/" not in name
    }
    assert {Path(name).suffix for name in packed} >= {".yaml", ".gguf", ".npz", ".html", ".svg", ".css", ".js"}


def test_a_wheel_has_what_npm_brought(wheel, stamp):
    for name, held in stamp["files"].items():
        assert hashlib.sha256(wheel.read(f"emmaus/web/static/vendor/{name}")).hexdigest() == held


def test_the_registry_is_the_users_own_and_nothing_is_written_beside_the_lockfile(clone, mirror, tmp_path):
    address, archives = mirror
    lock(clone, archives)
    before = sorted((clone / "frontend").iterdir())
    ended = pip_wheel(clone, tmp_path, address)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        assert wheel.read("emmaus/web/static/vendor/htmx.min.js") == b"htmx.org dist/htmx.min.js"
        assert json.loads(wheel.read("emmaus/web/static/vendor/stamp.json"))["packages"]["uplot"] == "9.9.9"
    assert sorted((clone / "frontend").iterdir()) == before


def test_a_package_that_is_not_the_pinned_one_ends_the_build_with_a_sentence(clone, mirror, tmp_path):
    address, archives = mirror
    lock(clone, archives)
    archives["uplot"] = packed("uplot", ["dist/uPlot.min.css"])
    ended = pip_wheel(clone, tmp_path, address)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "emmaus: npm could not fetch the files of the pages " in said
    assert "integrity checksum failed" in said
    assert "then build again" in said
    assert "Traceback" not in said
    assert not (clone / "src/emmaus/web").exists()


def test_a_browser_keeps_what_its_address_pins(client):
    page = client.get("/chat/david").text
    addresses = re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", page)
    assert {address.partition("?")[0] for address in addresses} == {
        f"/static/{name}" for name in ("icon.svg", "emmaus.css", "chat.js")
    }
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("query", ["", "?v=", "?v=00000000", "?v=1&v=2"])
def test_a_browser_asks_again_for_what_its_address_does_not_pin(client, query):
    first = client.get(f"/static/chat.js{query}")
    assert first.status_code == 200
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(f"/static/chat.js{query}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"
    assert client.get(f"/static/chat.js{query}", headers={"If-None-Match": '"00000000"'}).status_code == 200


def test_what_a_browser_keeps_brings_no_cookie(client):
    client.cookies.clear()
    for address in (asset("chat.js"), "/static/chat.js", "/portraits/david.svg"):
        assert "set-cookie" not in client.get(address).headers
    assert client.get("/static/nowhere.js").headers["cache-control"] == "no-store"


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(NotFound, match="make setup"):
        asset("vendor/nowhere.js")
