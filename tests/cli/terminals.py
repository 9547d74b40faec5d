"""A terminal that a command runs in, for tests to type into and to read from."""

import os
import pty
import select
import subprocess
import sys
import time
from contextlib import suppress

CTRL_C, CTRL_D = b"\x03", b"\x04"


class Terminal:
    """A terminal that a command runs in."""

    def __init__(self, emmaus, *arguments, stdout=None):
        self.master, slave = pty.openpty()
        take_terminal = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", take_terminal, emmaus.command, *arguments],
            stdin=slave,
            stdout=stdout or slave,
            stderr=slave,
            env=emmaus.environment(TERM="dumb"),
            start_new_session=True,
        )
        os.close(slave)
        self.text = ""
        self._seen = 0

    def expect(self, words, seconds=30.0):
        until = time.monotonic() + seconds
        while words not in self.text[self._seen :]:
            ready, _, _ = select.select([self.master], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"no {words!r} in: {self.text}"
            try:
                self.text += os.read(self.master, 4096).decode(errors="replace")
            except OSError:  # the command has ended
                assert words in self.text[self._seen :], self.text
        self._seen = self.text.index(words, self._seen) + len(words)

    def type(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode() + b"\n")

    def interrupt_to_the_end(self):
        """Press Ctrl-C until the command has ended: a press just before the prompt listens is lost."""
        for _ in range(8):
            self.type(CTRL_C)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
                return

    def end(self):
        code = self.process.wait(30)
        os.close(self.master)
        return code
