"""A file from a hub: with progress, gone on with after a break, and never a half one that looks whole."""

import hashlib
import socket
import threading
import time

import pytest

from emmaus.errors import BadInput, Cancelled, EmmausError, HomeBusy, ModelError, ModelFileError
from emmaus.models.download import download
from emmaus.models.remote import located
from hub import serving_files, write_gguf

MEGA = 1 << 20


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Bytes of a model of 12 MB."""
    file = write_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", size=64 * 1024)
    return file.read_bytes()


def sha(content):
    return hashlib.sha256(content).hexdigest()


def fetched(hub, folder, *arguments, **options):
    return download(f"{hub.url}/tiny.gguf", folder, *arguments, sleep=lambda _: None, **options)


def left(folder):
    """What a person sees there."""
    return sorted(file.name for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))


def test_a_file_comes_whole_with_its_progress(model, tmp_path):
    told = []
    with serving_files(model) as hub:
        file = fetched(hub, tmp_path, sha(model), report=told.append)
    assert file.read_bytes() == model
    assert left(tmp_path) == ["tiny.gguf"]
    assert [told[-1].done, told[-1].note] == [len(model), "checking"]
    assert all(one.total == len(model) for one in told)
    assert told[-2].values["bytes_per_second"] > 0


def test_what_lies_there_is_not_fetched_again(model, tmp_path):
    with serving_files(model) as hub:
        first = fetched(hub, tmp_path)
        assert fetched(hub, tmp_path, "sha256:" + sha(model).upper()) == first
        assert len(hub.asked) == 1
        with pytest.raises(ModelFileError, match="not 0000"):
            fetched(hub, tmp_path, "0" * 64)
    assert first.read_bytes() == model


def test_files_of_one_name_from_two_addresses_are_two_files(model, tmp_path):
    other = model[:-1] + b"\x01"
    with serving_files(model, dies_after=[5 * MEGA, 0, 0, 0]) as one, serving_files(other) as two:
        with pytest.raises(ModelError, match="are kept: run the same again"):
            fetched(one, tmp_path)
        second = fetched(two, tmp_path, sha(other))
        first = fetched(one, tmp_path, sha(model))
        assert one.asked[-1].startswith("bytes=")
        assert (first.read_bytes(), second.read_bytes()) == (model, other)
        assert first.name == "tiny.gguf"
        assert len(left(tmp_path)) == 2
        asked = len(one.asked), len(two.asked)
        assert (fetched(one, tmp_path), fetched(two, tmp_path)) == (first, second)
        assert (len(one.asked), len(two.asked)) == asked
        first.unlink()
        assert fetched(two, tmp_path) == second
        assert fetched(one, tmp_path) == first


def test_what_failed_claims_no_name(model, tmp_path):
    with serving_files(b"", status=404) as gone, pytest.raises(ModelError):
        fetched(gone, tmp_path)
    with serving_files(model) as hub:
        assert fetched(hub, tmp_path) == tmp_path / "tiny.gguf"


def test_a_broken_connection_is_taken_up_where_it_broke(model, tmp_path):
    with serving_files(model, dies_after=[5 * MEGA, 3 * MEGA]) as hub:
        assert fetched(hub, tmp_path, sha(model)).read_bytes() == model
        assert hub.asked[0] is None
        starts = [int(asked.removeprefix("bytes=").rstrip("-")) for asked in hub.asked[1:]]
    assert len(starts) == 2
    assert 4 * MEGA <= starts[0] <= 5 * MEGA < starts[1]


def test_another_day_goes_on_from_there(model, tmp_path):
    def stop(progress):
        if progress.done > 4 * MEGA:
            raise Cancelled("enough")

    with serving_files(model, pause=0.001) as hub:
        with pytest.raises(Cancelled):
            fetched(hub, tmp_path, report=stop, clock=iter(range(10**6)).__next__)
        assert left(tmp_path) == ["tiny.gguf.part", "tiny.gguf.part.json"]
        came = (tmp_path / "tiny.gguf.part").stat().st_size
        assert fetched(hub, tmp_path).read_bytes() == model
        assert hub.asked == [None, f"bytes={came}-"]
    assert left(tmp_path) == ["tiny.gguf"]


def test_it_can_be_asked_to_stop(model, tmp_path):
    with serving_files(model) as hub, pytest.raises(Cancelled, match="stopped at"):
        fetched(hub, tmp_path, should_stop=lambda: True)
    assert "tiny.gguf" not in left(tmp_path)


@pytest.mark.parametrize("marks", [{"etag": '"one"'}, {"etag": "", "modified": "Wed, 01 Jan 2025 00:00:00 GMT"}])
def test_a_file_that_changed_is_begun_anew(model, tmp_path, marks):
    other = model[:-1] + b"\x01"
    with serving_files(model, dies_after=[5 * MEGA, 0, 0, 0], **marks) as hub:
        with pytest.raises(ModelError, match="are kept: run the same again"):
            fetched(hub, tmp_path)
        hub.content = other
        hub.etag, hub.modified = (hub.etag and '"two"'), (hub.modified and "Thu, 02 Jan 2025 00:00:00 GMT")
        assert fetched(hub, tmp_path).read_bytes() == other


def test_a_shorter_file_in_its_place_is_begun_anew(model, tmp_path):
    with serving_files(model, dies_after=[5 * MEGA, 0, 0, 0]) as hub:
        with pytest.raises(ModelError):
            fetched(hub, tmp_path)
        hub.content = write_gguf(tmp_path / "other").read_bytes()  # with the same mark: the server tells lies
        assert fetched(hub, tmp_path).read_bytes() == hub.content


@pytest.mark.parametrize("marks", [{"etag": 'W/"weak"'}, {"etag": ""}, {"ranges": False}])
def test_where_nobody_knows_whether_it_changed_it_is_begun_anew(model, tmp_path, marks):
    with serving_files(model, dies_after=[5 * MEGA], **marks) as hub:
        assert fetched(hub, tmp_path).read_bytes() == model


def test_a_server_that_breaks_off_again_and_again_is_given_up(model, tmp_path):
    with serving_files(model, dies_after=[3 * MEGA, *[0] * 10]) as hub:
        with pytest.raises(ModelError, match=r"broke off .*of 0.0|broke off .* are kept: run the same again") as raised:
            fetched(hub, tmp_path)
        assert len(hub.asked) == 4
    assert "\n" not in str(raised.value)
    assert left(tmp_path) == ["tiny.gguf.part", "tiny.gguf.part.json"]


def test_a_server_that_lies_about_the_length_leaves_nothing_that_looks_whole(model, tmp_path):
    with serving_files(model, promised=10) as hub, pytest.raises(ModelError, match="broke off"):
        fetched(hub, tmp_path)
    assert "tiny.gguf" not in left(tmp_path)


def test_a_body_without_a_length_that_breaks_off_is_seen(model, tmp_path):
    with serving_files(model, length=False, dies_after=[5 * MEGA]) as hub:
        with pytest.raises(ModelFileError, match="is truncated"):
            fetched(hub, tmp_path)
        assert left(tmp_path) == []
        assert fetched(hub, tmp_path).read_bytes() == model


@pytest.mark.parametrize("named", [True, False])
def test_a_wrong_hash_leaves_nothing(model, tmp_path, named):
    wrong = "f" * 64
    with serving_files(model, linked="" if named else wrong) as hub:
        spec = located("owner/repo/tiny.gguf", hub.url)
        with pytest.raises(ModelFileError, match=f"has the SHA-256 {sha(model)}, not {wrong}"):
            download(spec, tmp_path, wrong if named else None)
    assert left(tmp_path) == []


def test_the_hash_that_a_hub_names_is_checked(model, tmp_path):
    with serving_files(model, linked=sha(model)) as hub:
        file = download(located("owner/repo/tiny.gguf", hub.url + "/"), tmp_path)
    assert file == tmp_path / "tiny.gguf"
    assert file.read_bytes() == model


def test_a_page_in_the_place_of_a_model_leaves_nothing(tmp_path):
    with serving_files(b"<html>sign in</html>" * 100) as hub, pytest.raises(ModelFileError, match="no GGUF"):
        fetched(hub, tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "does not exist"),
        (401, "signed in"),
        (403, "signed in"),
        (429, "wait some minutes"),
        (500, "try again later"),
    ],
)
def test_what_is_refused_is_one_sentence(tmp_path, status, said):
    with serving_files(b"", status=status) as hub, pytest.raises(ModelError, match=said) as raised:
        fetched(hub, tmp_path)
    assert f"HTTP {status}" in str(raised.value)
    assert left(tmp_path) == []


def test_no_network_is_one_sentence(tmp_path):
    for url in ("http://127.0.0.1:9/tiny.gguf", "http://no.such.host.invalid/tiny.gguf"):
        with pytest.raises(ModelError, match=r"cannot be reached .*: see whether there is a network"):
            download(url, tmp_path)


def test_what_is_not_safe_is_one_sentence(model, tmp_path):
    with serving_files(model) as hub, pytest.raises(ModelError, match=r"the connection to 127\.0\.0\.1 is not safe"):
        download(hub.url.replace("http:", "https:") + "/tiny.gguf", tmp_path)


def test_a_full_disk_is_told_before_anything_comes(model, tmp_path):
    with serving_files(model) as hub, pytest.raises(ModelError, match=r"needs 12\.\d MB more .* 1\.0 MB are free"):
        fetched(hub, tmp_path, free=lambda _: 10**6)
    assert "tiny.gguf" not in left(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_told(model, tmp_path):
    (tmp_path / "models").write_text("x", encoding="utf-8")
    with serving_files(model) as hub, pytest.raises(EmmausError, match="cannot be written"):
        fetched(hub, tmp_path / "models")


def test_the_same_file_is_not_fetched_twice_at_once(model, tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    def report(_):
        begun.set()
        go_on.wait(10)

    with serving_files(model) as hub:
        first = threading.Thread(target=lambda: fetched(hub, tmp_path, report=report))
        first.start()
        assert begun.wait(10)
        with pytest.raises(HomeBusy, match=r"tiny\.gguf"):
            fetched(hub, tmp_path)
        go_on.set()
        first.join()
    assert (tmp_path / "tiny.gguf").read_bytes() == model


def test_a_server_that_accepts_and_hangs_up_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:

        def hang_up():
            while True:
                try:
                    door.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        with pytest.raises(ModelError, match="broke off"):
            download(f"http://127.0.0.1:{door.getsockname()[1]}/t.gguf", tmp_path, sleep=lambda _: None)
        door.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "names no file"),
        ("owner/repo", "names no file"),
        ("owner/../x/y.gguf", "names no file"),
        ("owner/repo/readme.md", "is no GGUF file"),
        ("https://h/model.bin", "is no GGUF file"),
        ("ftp://h/m.gguf", "begins with https://"),
        ("http://[broken/m.gguf", "begins with https://"),
        ("owner/repo/m-00001-of-00003.gguf", "one of several pieces"),
    ],
)
def test_what_names_no_file_is_said(spec, said):
    with pytest.raises(BadInput, match=said):
        located(spec, "https://hub.example")


def test_a_name_at_the_hub_is_an_address_there():
    assert located("a/b/sub/m q4.gguf", "https://hub.example/") == (
        "https://hub.example/a/b/resolve/main/sub/m%20q4.gguf"
    )


def test_no_name_leads_out_of_the_folder(model, tmp_path):
    with serving_files(model) as hub:
        file = download(f"{hub.url}/x/..%2F..%2F.evil.gguf", tmp_path / "models")
    assert file == tmp_path / "models" / "evil.gguf"


def test_what_cannot_be_unpacked_is_one_sentence(model, tmp_path):
    with serving_files(model, encoding="gzip") as hub, pytest.raises(ModelError, match="broke off"):
        fetched(hub, tmp_path)
    assert "tiny.gguf" not in left(tmp_path)


def test_a_wrong_sha256_is_no_sha256(tmp_path):
    with pytest.raises(BadInput, match="64 hexadecimal digits"):
        download("http://127.0.0.1:9/t.gguf", tmp_path, "abc")


@pytest.mark.parametrize("length", [True, False])
def test_it_stops_though_its_server_is_silent(model, tmp_path, length):
    with serving_files(model, pause=60, length=length) as hub:
        begun = time.monotonic()
        with pytest.raises(Cancelled, match="stopped at"):
            fetched(hub, tmp_path, should_stop=lambda: time.monotonic() - begun > 0.5)
        assert time.monotonic() - begun < 10
    assert left(tmp_path) == ["tiny.gguf.part", "tiny.gguf.part.json"]
