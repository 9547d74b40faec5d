"""Seconds from typing a command to the first words of an answer, with the index built: python bench/chat_start.py.

emmaus ask david "..."      as one command, from a cold start
emmaus chat david           with the question waiting on standard input
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
EMMAUS = str(Path(sys.executable).parent / "emmaus")
QUESTIONS = ["Were you never afraid?", "How do I forgive a friend?", "Who was Jonathan to you?", "Do you sleep well?"]


def main() -> None:
    """Print the median and the worst of both."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "EMMAUS_HOME": home}
        subprocess.run([EMMAUS, "ask", "david", "Peace."], env=environment, stdout=subprocess.DEVNULL, check=True)
        times = sorted(first_words(QUESTIONS[i % len(QUESTIONS)], environment) for i in range(ROUNDS))
    print(f"emmaus chat: first words after {times[ROUNDS // 2]:.2f} s (median), {times[-1]:.2f} s (worst of {ROUNDS})")


def first_words(question: str, environment: dict[str, str]) -> float:
    """Seconds until the answer begins: the greeting ends with a line, the answer is what comes after it."""
    began = time.perf_counter()
    with subprocess.Popen(
        [EMMAUS, "chat", "david"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
    ) as chat:
        assert chat.stdin is not None
        assert chat.stdout is not None
        chat.stdin.write(f"{question}\n".encode())
        lines: list[float] = []
        while piece := chat.stdout.read(64):
            lines.append(time.perf_counter() - began)
            print(f"  {lines[-1]:.2f} s {piece!r}", file=sys.stderr)
            if len(lines) > 3:
                break
        chat.kill()
    return lines[-1]


if __name__ == "__main__":
    main()
