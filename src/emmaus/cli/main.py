"""The entry point. Help and version are answered from files, before anything slow is imported."""

import os
import sys


def run() -> int:
    """Run `emmaus` on the command line's arguments and return the exit code."""
    # Once loaded, NumPy's threads would spin after every question, on cores that the engine needs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = sys.argv[1:]
    completing = "_EMMAUS_COMPLETE" in os.environ  # a shell asks what could follow; it says so in no argument
    if arguments in ([], ["--help"], ["-h"]) and not completing:
        return _say(_help())
    if arguments == ["--version"]:
        from emmaus import __version__

        return _say(f"emmaus {__version__}\n")
    try:
        from emmaus.cli.failing import guarded
        from emmaus.cli.invocation import Invocation

        return guarded(lambda: _run(arguments), Invocation(json="--json" in arguments))
    except KeyboardInterrupt:
        sys.stderr.write("emmaus: stopped before anything was done\n")
        return 130


def _run(arguments: list[str]) -> int:
    from emmaus.cli.app import app

    words = arguments if "_EMMAUS_COMPLETE" not in os.environ else ()
    code = app(words)(arguments, prog_name="emmaus", standalone_mode=False)
    sys.stdout.flush()
    return int(code or 0)


def _help() -> str:
    with open(__file__.removesuffix("main.py") + "help.txt", encoding="utf-8") as page:
        return page.read()


def _say(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        from emmaus.cli.failing import hushed

        return hushed()
    return 0
