"""What memory there is: as Linux, a container, nvidia-smi and macOS tell it."""

import sys

import pytest

from emmaus.models.machine import Machine, machine

MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text(MEMINFO, encoding="ascii")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    return tmp_path


def limited(root, most, used):
    (root / "sys/fs/cgroup/memory.max").write_text(most, encoding="ascii")
    (root / "sys/fs/cgroup/memory.current").write_text(used, encoding="ascii")


def test_linux_tells_what_is_free(root):
    limited(root, "max", "5")
    assert machine(run=lambda _: "", root=root) == Machine(16_000_000 << 10, 12_000_000 << 10)


def test_a_container_may_have_less(root):
    limited(root, str(4 << 30), str(1 << 30))
    found = machine(run=lambda _: "", root=root)
    assert (found.memory, found.free) == (4 << 30, 3 << 30)


@pytest.mark.parametrize(
    ("said", "video", "graphics"),
    [
        ("NVIDIA GeForce RTX 4090, 24564, 23000\n", 24564 << 20, "NVIDIA GeForce RTX 4090"),
        ("A100, 40960, 40000\nA100, 40960, 40000\n", 81920 << 20, "A100"),
        ("NVIDIA GB10, [N/A], [N/A]\n", 0, ""),
        ("No devices were found\n", 0, ""),
    ],
)
def test_graphics_cards_count_together(root, said, video, graphics):
    found = machine(run=lambda command: said if command[0] == "nvidia-smi" else "", root=root)
    assert (found.video, found.graphics) == (video, graphics)


def test_nothing_that_can_be_found_out_is_nothing(tmp_path):
    found = machine(run=lambda _: "", root=tmp_path)
    assert found.video == 0
    if sys.platform == "linux":
        assert found == Machine(0, 0)


def test_this_computer_has_memory():
    assert machine().memory > 10**8
