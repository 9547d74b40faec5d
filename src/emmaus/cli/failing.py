"""What went wrong, in one line and one exit code. A person never sees a traceback for their own mistake."""

import errno
import os
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from emmaus.errors import Cancelled, EmmausError

if TYPE_CHECKING:
    from emmaus.cli.invocation import Invocation

USAGE = 2
INTERRUPTED = 130
"""128 + SIGINT, what shells report."""
UNREAD = 141
"""128 + SIGPIPE: the reader of the output left, as `head` does."""
UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h."""


def guarded(work: Callable[[], int], invocation: "Invocation", kept: str = "") -> int:
    """Do `work` and return its exit code; whatever it raises becomes one line on standard error and a code.

    `kept` says what an interruption leaves behind.
    """
    try:
        return work()
    except BrokenPipeError:
        return hushed()
    except KeyboardInterrupt:
        return complain(invocation, _interrupted("stopped", kept), INTERRUPTED)
    except Cancelled as error:
        return complain(invocation, _interrupted(str(error), kept), error.code)
    except EmmausError as error:
        return complain(invocation, str(error), error.code)
    except Exception as error:
        return _other(error, invocation)


def complain(invocation: "Invocation", message: str, code: int) -> int:
    """Print one line (with `--json` also an object on standard output) and return the code."""
    line = " ".join(message.split())
    try:
        print(f"emmaus: {line}", file=sys.stderr, flush=True)
        if invocation.json:
            invocation.write({"error": line, "code": code})
    except OSError:  # nobody can be told: the code has to say it
        return hushed(code)
    return code


def hushed(code: int = UNREAD) -> int:
    """Keep Python from complaining at exit about an output that cannot be written, and return the code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return code


def _interrupted(message: str, kept: str) -> str:
    command = shlex.join(["emmaus", *sys.argv[1:]])
    return f"{message}; {kept}: {command}" if kept else f"{message}; what was stored before is untouched"


def _other(error: Exception, invocation: "Invocation") -> int:
    explained = getattr(error, "format_message", None)
    if callable(explained):  # how the option parser says that it was called wrongly
        command = getattr(getattr(error, "ctx", None), "command_path", "emmaus")
        return complain(invocation, f"{_lower(explained())} (see: {command} --help)", USAGE)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f" while writing {error.filename}" if error.filename else ""
        code = complain(
            invocation, f"the disk is full{where}: free some space, then run the same command again", EmmausError.code
        )
        return hushed(code)  # what Python still holds back for a full standard output would fail again at exit
    log = _log(error, invocation)
    kind = type(error).__name__
    return complain(
        invocation, f"something unexpected happened ({kind}: {error}); the details are in {log}", UNEXPECTED
    )


def _lower(sentence: str) -> str:
    text = sentence.strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _log(error: Exception, invocation: "Invocation") -> Path:
    name = f"error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    text = "".join(traceback.format_exception(error))
    for folder in (invocation.home_folder() / "logs", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        except OSError:
            continue
        return folder / name
    sys.stderr.write(text)
    return Path("this terminal")
