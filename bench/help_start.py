"""How long `emmaus --help` takes, beside the bare interpreter in the same minute: python bench/help_start.py."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 20
EMMAUS = str(Path(sys.executable).parent / "emmaus")
COMMANDS = {"python -c pass": [sys.executable, "-c", "pass"], "emmaus --help": [EMMAUS, "--help"]}


def main() -> None:
    """Print both medians and their ratio."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - began)
    medians = {name: sorted(values)[ROUNDS // 2] for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:<16} {median * 1000:6.1f} ms")
    print(f"ratio            {medians['emmaus --help'] / medians['python -c pass']:6.2f}")


if __name__ == "__main__":
    main()
