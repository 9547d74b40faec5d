"""The models that are there: found on this computer, tried, recommended, chosen for a role, downloaded."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Literal

from emmaus import jobs
from emmaus.errors import EmmausError, ModelError, NotFound
from emmaus.home import Home
from emmaus.models.choice import EMBEDDED, ROLES, Choice, Role, address, checked, checked_role
from emmaus.models.discovery import Server, discover
from emmaus.models.download import Report, download
from emmaus.models.header import Header, read_header
from emmaus.models.machine import Machine, machine
from emmaus.models.recommending import Recommendation, recommend
from emmaus.models.remote import located
from emmaus.models.trial import Trial, try_out
from emmaus.roles import Standing
from emmaus.steps import FOLDER, file_of, plan_download
from emmaus.types import Job, JobState, Progress

DOWNLOAD = "download"
LISTED = 20
"""Downloads that are told, the newest."""
LOOK = 0.5
"""Seconds between two looks at how far vectors are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice that was kept."""

    standing: Standing
    sentence: str
    """What follows from it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A download, and how far it is."""

    id: str
    """Of its job: what can be done with any job can be done with it."""
    spec: str
    """What was asked for."""
    url: str
    state: Literal["waiting", "running", "done", "stopped", "failed"] = "waiting"
    done: int = 0
    """Bytes."""
    total: int = 0
    """Bytes; 0 while the server has not said."""
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    file: str = ""
    """Where it lies, when it is done."""
    error: str = ""


_STATES: Mapping[str, Literal["waiting", "running", "done", "stopped", "failed"]] = {
    "queued": "waiting",
    "interrupted": "waiting",
    "running": "running",
    "done": "done",
    "paused": "stopped",
    "cancelled": "stopped",
    "failed": "failed",
}
"""How a job's state is told of a download."""


class Models:
    """What can be asked and chosen about models in an open home."""

    def __init__(self, home: Home, *, look: Callable[[], Machine] = machine) -> None:
        """`look` says what memory this computer has."""
        self._home = home
        self._look = look

    def find(self, addresses: Sequence[str] | None = None, *, without: Collection[int] = ()) -> tuple[Server, ...]:
        """Find the model servers of this computer; `without` are ports that are not asked."""
        return discover(addresses, without=without)

    def machine(self) -> Machine:
        """What memory this computer has for a model."""
        return self._look()

    def recommended(self, servers: Sequence[Server]) -> tuple[Recommendation, ...]:
        """Recommend one of these for each role."""
        return recommend(self.machine(), servers)

    def embedded(self) -> Header:
        """What the embedded model's file says of itself.

        Raises:
            ModelFileError: there is none, or it is broken.
        """
        return read_header(self._home.base_file)

    def header(self, file: Path) -> Header:
        """What a model file says of itself.

        Raises:
            ModelFileError: it is missing, torn, or no language model.
        """
        return read_header(file.expanduser())

    def files(self) -> tuple[Header, ...]:
        """The files that were downloaded into this home, by name; one that is broken is left out."""
        found = []
        for file in sorted((self._home.path / FOLDER).glob("*.gguf")):
            with suppress(EmmausError):
                found.append(read_header(file))
        return tuple(found)

    def try_out(self, url: str, name: str, key: str = "") -> Trial:
        """Try a model on a server; a key that is kept for the server need not be given.

        Raises:
            BadInput: `url` is no address of a server.
        """
        known = key or self._home.roles.key_for(address(url))
        return try_out(url, name, known, timeout=self._home.settings.timeout)

    def standing(self) -> tuple[Standing, ...]:
        """Say who has each role now."""
        return tuple(self._home.roles.standing(role) for role in ROLES)

    def choose(self, role: str, choice: Choice | None) -> Chosen:
        """Choose a model for a role, from the next question on; None gives it back to what has it by itself.

        A key that is kept for the same server need not be given again.

        Raises:
            BadInput: there is no such role, or the choice lacks something.
            ModelError: the embedder gives no vectors, or the file is no model.
        """
        named = checked_role(role)
        roles, store = self._home.roles, self._home.store
        wanted = checked(named, choice) if choice else None
        if wanted == EMBEDDED and named in ("chat", "embedder"):
            wanted = None  # it has these by itself
        if wanted and wanted.kind == "server" and not wanted.key:
            wanted = replace(wanted, key=roles.key_for(wanted.url))
        sentence = self._sentence(named, wanted)
        roles.keep(store, named, wanted)
        standing = roles.standing(named)
        if standing.setting:
            sentence = (
                f"kept, but {standing.setting} is set, in the environment or on the command line, and goes before it: "
                f"{named} stays with {standing.words} until it is unset"
            )
        elif named == "embedder":
            Thread(target=self._prepare, daemon=True).start()
        return Chosen(standing, sentence)

    def download(
        self,
        spec: str,
        sha256: str | None = None,
        *,
        report: Report = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Download a GGUF into this home: by its address, or as OWNER/REPOSITORY/FILE.gguf from the hub.

        The same call again goes on where it broke off. Raises as `emmaus.models.download.download` does.
        """
        url = located(spec, self._home.settings.hub_url)
        return download(url, self._home.path / FOLDER, sha256, report=report, should_stop=should_stop)

    def begin_download(self, spec: str, sha256: str | None = None) -> Fetched:
        """Queue a download as a job of the background; one that waits or is under way is not begun twice.

        Raises:
            BadInput: there is no such address.
        """
        begun = plan_download(self._home, spec=spec, sha256=sha256, state=JobState.QUEUED)
        return self._fetched(jobs.resume(self._home.store, self._home.path, begun.id))

    def downloads(self) -> tuple[Fetched, ...]:
        """The downloads of this home, newest first."""
        found = self._home.store.find(Job, character="")
        return tuple(self._fetched(job) for job in reversed(found) if job.kind == DOWNLOAD)[:LISTED]

    def stop_download(self, id: str) -> Fetched:
        """Stop a download; what came is kept, and the same download goes on from there.

        Raises:
            NotFound: there is none of this id.
        """
        if not any(job.kind == DOWNLOAD for job in self._home.store.find(Job, id=id)):
            raise NotFound("there is no such download: reload the page to see which there are")
        return self._fetched(jobs.cancel(self._home.store, id))

    def _fetched(self, job: Job) -> Fetched:
        state = _STATES[jobs.state_of(self._home.path, job)]
        rate, left = job.values.get("bytes_per_second", 0.0), job.values.get("seconds_left")
        return Fetched(
            job.id,
            str(job.request["spec"]),
            str(job.request["url"]),
            state,
            job.done,
            job.total,
            rate if state == "running" else 0.0,
            left if state == "running" else None,
            str(file_of(self._home, job)) if state == "done" else "",
            job.note if state in ("stopped", "failed") else "",
        )

    def prepare(self, report: Callable[[Progress], None]) -> None:
        """Wait until the vectors of the embedder that is chosen are made, which takes minutes for a whole Bible.

        What `report` raises ends the waiting.

        Raises:
            ModelError: they could not be made.
        """
        meaning = self._home.index.meaning
        maker = Thread(target=self._prepare, daemon=True)
        maker.start()
        while maker.is_alive():
            maker.join(LOOK)
            if made := meaning.made:
                report(Progress(*made))
        if meaning.fault:
            raise ModelError(meaning.fault)

    def _prepare(self) -> None:
        """Make the vectors of the embedder that was chosen; what goes wrong is told where verses are searched."""
        with suppress(EmmausError, RuntimeError):  # the latter where the home was closed, and its connections with it
            self._home.index.meaning.prepare()

    def _sentence(self, role: Role, wanted: Choice | None) -> str:
        """Say what follows from a choice, which is tried where it costs little.

        Raises:
            ModelError: it cannot be used.
        """
        if role == "embedder":
            return self._of_embedder(wanted)
        if wanted and wanted.kind == "gguf":
            header = read_header(Path(wanted.file))
            if not header.talks:
                raise ModelError(f"{wanted.file} brings no chat template, so it cannot talk: choose an instruct model")
        if role == "chat":
            if wanted is None:
                return "characters speak through the embedded model again, from the next question on"
            through = "without adapters, which are made for the embedded model"
            return f"characters speak through {wanted.words} from the next question on, {through}"
        if role == "generator":
            return f"{wanted.words if wanted else 'the model that answers chats'} writes synthetic answers from now on"
        if wanted is None:
            return "no model is kept as the judge: the checks alone score"
        return (
            f"{wanted.words} is kept as the judge; the checks alone score until a judge's agreement with people can be "
            "measured"
        )

    def _of_embedder(self, wanted: Choice | None) -> str:
        if wanted is None:
            return "verses are found by MiniLM inside again; its vectors ship"
        trial = try_out(
            wanted.url, wanted.name, wanted.key, embeds=True, timeout=self._home.settings.timeout, sleep=lambda _: None
        )
        if trial.error:
            raise ModelError(trial.error)
        verses = len(self._home.corpus.lines())
        minutes = verses / trial.texts_per_second / 60 if trial.texts_per_second else 0
        return (
            f"verses are found by {wanted.words}: its vectors have {trial.dimensions} numbers, so those of {verses:,} "
            f"verses are made now (about {max(1, round(minutes))} min, once); until then their words alone are searched"
        )
