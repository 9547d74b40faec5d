"""One tree of errors, each a sentence that says what was given, what was expected and what mends it."""


class EmmausError(Exception):
    """Anything a person can mend. The CLI prints its sentence, without a traceback, and exits with `code`."""

    code = 1


class NotFound(EmmausError):
    """A character, adapter, dataset or other named thing that does not exist."""


class BadInput(EmmausError):
    """What was given cannot be used: a question, a file, an option."""

    code = 2


class PackError(BadInput):
    """A file of a pack is wrong: its message names the file, the line and the fix."""


class StoreError(EmmausError):
    """The database cannot be opened, read or written."""


class HomeBusy(EmmausError):
    """Another process is doing this work in the same home."""


class ModelError(EmmausError):
    """A model or its server is missing, refused or stopped answering."""


class ModelFileError(ModelError):
    """A model file is missing, truncated or not what it should be."""


class ContextOverflow(BadInput):
    """A prompt that is longer than the model's context window; the counts are in tokens, None where unknown."""

    def __init__(self, message: str, *, tokens: int | None = None, limit: int | None = None) -> None:
        super().__init__(message)
        self.tokens = tokens
        self.limit = limit


class NotConsented(EmmausError):
    """The person did not agree to what was about to be done with their words."""


class Conflict(EmmausError):
    """Somebody else decided meanwhile; nothing of theirs was written over."""


class NotSignedIn(EmmausError):
    """Nobody vouches for who asks: no session, no key, or a wrong password."""


class NotAllowed(EmmausError):
    """Who asks is known, and may not do this."""


class TooOften(EmmausError):
    """Something was tried more often than is let through; `wait` seconds later it may be tried again."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class TooMany(EmmausError):
    """Too many ask for the same at once; `wait` seconds later it may be tried again."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class TooFewExamples(EmmausError):
    """A dataset too small to train on."""


class GateHeld(EmmausError):
    """A promotion that the gate did not allow; its message gives the gate's reasons."""


class Cancelled(EmmausError):
    """Work that was stopped on request; what was done is kept."""

    code = 130


class BudgetSpent(Cancelled):
    """Work that used up what it was given; what was done is kept, and it can go on."""

    code = 1


class Interrupted(Cancelled):
    """Work that was laid down because its process ends: it waits for its turn again, and goes on from there."""
