"""The Python API: one home, and a method for every command.

    import emmaus

    with emmaus.open() as home:
        print(home.ask("david", "Were you never afraid?").answer)
        home.generate("david", n=100)

Each method composes the rooms and holds no logic of its own.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from emmaus import chat, data, feedback, jobs, reviews, serving, steps, texts, training, work
from emmaus.choosing import Models
from emmaus.config import Settings
from emmaus.grounding import Quotation
from emmaus.home import Home
from emmaus.jobs import Report, silent
from emmaus.models.protocols import ChatModel, Embedder
from emmaus.types import (
    Adapter,
    Character,
    ConsentEvent,
    Conversation,
    Dataset,
    Deployment,
    Evaluation,
    Job,
    Rating,
    Scope,
    Turn,
)

if TYPE_CHECKING:
    from emmaus.jobs.background import Background


class Emmaus:
    """An open home, and every step of the wheel on it. Close it, or use `with`."""

    def __init__(
        self,
        settings: Settings,
        *,
        model: ChatModel | None = None,
        embedder: Embedder | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the home of `settings`. `model` and `embedder` replace those that the settings name.

        Raises:
            StoreError: the home cannot be written, or was written by a newer version.
        """
        self.parts = Home(settings, model=model, embedder=embedder, clock=clock)
        self.settings, self.models = settings, Models(self.parts)
        with ExitStack() as broken:
            broken.callback(self.parts.close)
            self.store = self.parts.store
            self.parts.subject  # noqa: B018 - made once, now: where nothing can be kept this says so
            broken.pop_all()
        self.clock = clock
        self.reviews = reviews.Reviews(self.parts)
        self._apart = model is None and embedder is None
        self._background: Background | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lay down background work, stop the engine and close the store."""
        if self._background:
            self._background.close()
        self.parts.close()

    def characters(self) -> list[Character]:
        """All characters of the pack."""
        return [self.parts.pack.character(slug) for slug in self.parts.pack.characters]

    # Texts

    def search(self, text: str, k: int = 10, *, character: str | None = None) -> tuple[texts.Hit, ...]:
        """Find the `k` best verses for a text, best first; with a character among those that they can know."""
        return next(iter(texts.search(self.parts, [text], k, character)))

    def verify(self, text: str) -> tuple[Quotation, ...]:
        """Find every quotation in a text and say whether it is one, by all translations of the pack."""
        return texts.quotations(self.parts, text)

    def care(self, text: str) -> chat.Crisis | None:
        """Whether a message shows somebody in danger, and of what kind; None where it does not."""
        return chat.crisis(texts.checked(text))

    # Chat and feedback

    def chat(self, character: str, *, subject: str | None = None, kept: Conversation | None = None) -> chat.Talk:
        """Begin to talk with a character, or go on with what is `kept`; what is broken of them is told when asked.

        `subject` is the pseudonym of who talks; None is the person at this computer, here and in what follows.
        """
        speaker = self.parts.awaited(self.parts.pack.known(character))
        return chat.Talk(speaker, self.store, subject or self.parts.subject, kept=kept)

    def ask(self, character: str, question: str, *, bare: bool = False) -> Turn:
        """Ask one question, outside any conversation; nothing is kept. `bare` asks the model without any adapter."""
        return chat.answer(self.parts.awaited(character, bare=bare), question)

    def consent(self, scopes: Iterable[Scope], *, subject: str | None = None, words: str | None = None) -> ConsentEvent:
        """Say what may be done with a person's words from now on; see `feedback.grant`."""
        return feedback.grant(self.store, subject or self.parts.subject, scopes, words=words, clock=self.clock)

    def rate(
        self,
        turn: Turn,
        value: Literal[-1, 0, 1],
        *,
        reason: str = "",
        flag: bool = False,
        correction: str | None = None,
        reasons: Iterable[str] = (),
        subject: str | None = None,
    ) -> Rating:
        """Rate a kept turn; `reasons` are names out of `feedback.REASONS`."""
        return feedback.rate(
            self.store,
            turn,
            subject or self.parts.subject,
            value,
            reason=reason,
            flag=flag,
            correction=correction,
            reasons=reasons,
            clock=self.clock,
        )

    def forget(self, *, subject: str | None = None) -> int:
        """Delete every conversation of a person, and the error logs; gives how many there were."""
        return self.store.forget(subject or self.parts.subject)

    # Data

    def generate(
        self,
        character: str,
        n: int = 100,
        *,
        seed: int = 0,
        drawing: data.Drawing | None = None,
        bare: bool = False,
        minutes: float | None = None,
        report: Report = silent,
    ) -> data.Generated:
        """Generate exactly `n` good synthetic conversations. The same call again goes on, or finds them done.

        The teacher writes them, or, where none is set, the character as they speak now, `bare` without their adapter.
        With `minutes`, it is paused after so many, by `BudgetSpent`.
        """
        drawing = drawing or data.Drawing()
        return steps.generate(
            self.parts, character, n, seed=seed, drawing=drawing, bare=bare, minutes=minutes, report=report
        )

    def score(self, character: str, *, report: Report = silent) -> data.Scored:
        """Score what has no score yet."""
        return steps.score(self.parts, character, report)

    def freeze(
        self,
        character: str,
        *,
        minimum: float = 0.7,
        synthetic: float = 1.0,
        most: int | None = None,
        wordings: int = 1,
        seed: int = 0,
        report: Report = silent,
    ) -> Dataset:
        """Freeze the usable conversations of a character into a dataset; `data.unchanged` says if it is an old one."""
        mixture: dict[str, Any] = {"synthetic": synthetic, "most": most, "wordings": wordings}
        return steps.freeze(self.parts, character, report, minimum=minimum, seed=seed, **mixture)

    def export(self, character: str, output: Path, *, format: data.Format = "jsonl") -> data.Exported:
        """Write the newest dataset of a character, or one named by its id, to a file."""
        return data.export(self.store, self.dataset(character), output, format=format)

    def dataset(self, name: str) -> Dataset:
        """The dataset of a character that was frozen last, or the one with this id."""
        return steps.find_dataset(self.parts, name)

    # Training, evaluation, serving

    def estimate(self, what: str | Path, *, recipe: training.Recipe | None = None) -> training.Estimate:
        """What training takes from its start: on a character's newest dataset (or one named by its id), or on a file.

        Raises:
            BadInput: a broken file.
            NotFound: the character has no dataset yet.
        """
        return steps.estimate(self.parts, what, recipe or training.Recipe())

    def train(self, character: str, *, recipe: training.Recipe | None = None, report: Report = silent) -> Adapter:
        """Train an adapter of a character's newest dataset, or of one named by its id, into the registry.

        The same call again goes on from the last checkpoint, or finds the adapter done; one whose files are missing or
        changed is made again.

        Raises:
            NotFound: the character has no dataset yet.
        """
        return steps.train(self.parts, self.dataset(character), recipe or training.Recipe(), report)

    def train_file(
        self, file: Path, output: Path, *, recipe: training.Recipe | None = None, report: Report = silent
    ) -> training.TrainingResult:
        """Train an adapter of a chat JSONL into the folder `output`, outside the registry.

        The same call again goes on from the last checkpoint, or finds the folder done.

        Raises:
            BadInput: the file is broken, or the folder holds something else.
            HomeBusy: another training runs in this home.
        """
        return steps.train_file(self.parts, file, output, recipe or training.Recipe(), report)

    def adapters(self, character: str) -> list[Adapter]:
        """All adapters of a character, oldest first."""
        self.parts.character(character)
        return self.store.find(Adapter, character=character)

    def evaluate(
        self, character: str, *, adapter: str | None = None, limit: int | None = None, report: Report = silent
    ) -> Evaluation:
        """Evaluate an adapter of a character, the newest unless another is named, against what it would replace.

        `limit` takes only so many probes, spread evenly over all, and texts of plain prose. The same comparison again
        is found, not repeated.

        Raises:
            BadInput: `limit` is below 2, or leaves fewer than two probes that are answered in character.
        """
        candidate, probes = steps.to_evaluate(self.parts, character, adapter, limit)
        return steps.evaluate(self.parts, candidate, probes, report)

    def evaluation(self, character: str, name: str | None = None) -> Evaluation:
        """The newest evaluation of a character, or the one with this id."""
        return steps.find_evaluation(self.parts, character, name)

    def report(self, character: str, output: Path, *, evaluation: str | None = None, command: str = "") -> Path:
        """Write an evaluation of a character, the newest unless another is named, as one self-contained HTML page."""
        found = self.evaluation(character, evaluation)
        return steps.write_report(self.parts, found, output, command or f"emmaus report {character}")

    def promote(self, character: str, *, evaluation: str | None = None, by: str = "maintainer") -> Deployment:
        """Let a character speak through the adapter of its newest (or the named) evaluation, if the gate agreed."""
        found = self.evaluation(character, evaluation)
        made = serving.promote(self.store, self.parts.path, found, starter=self.parts.first, by=by, clock=self.clock)
        self.parts.reload()
        return made

    def rollback(self, character: str, *, deployment: str | None = None, by: str = "maintainer") -> Deployment:
        """Go back to what the live adapter of a character replaced, if (where named) this deployment is in force."""
        self.parts.character(character)
        made = serving.rollback(self.store, character, deployment=deployment, by=by, clock=self.clock)
        self.parts.reload()
        return made

    def deployments(self) -> list[Deployment]:
        """Every deployment of this home, oldest first; the last one of a character is in force."""
        return self.store.find(Deployment)

    # Jobs

    def jobs(self) -> list[Job]:
        """All jobs of this home, oldest first."""
        return self.store.find(Job)

    def start(self, kind: str, character: str, **what: Any) -> Job:
        """Queue a long step: `generate`, `score`, `freeze`, `train` or `evaluate`, with what that method takes.

        It is done while this home's background work runs, here or in another process. The same call again finds the
        job, and resumes one that was paused, cancelled or failed. Training takes a `dataset` of the character by id.

        Raises:
            BadInput: there is no such kind of work, or it takes no such thing.
        """
        return self.resume(work.plan(self.parts, kind, character, what).id)

    def background(self, *, after: float = 0.0) -> "Background":
        """Do this home's background work in this process, from `after` so many seconds until the home is closed."""
        if self._background is None:
            self._background = work.background(self.parts, apart=self._apart)
        return self._background.launch(after=after)

    def cancel(self, job: str) -> Job:
        """Ask a job to stop, from any process; what it has done is kept."""
        return jobs.cancel(self.store, job)

    def pause(self, job: str) -> Job:
        """Ask a job to stop until it is resumed, from any process; what it has done is kept."""
        return jobs.pause(self.store, job)

    def resume(self, job: str) -> Job:
        """Queue a job that was paused, cancelled, interrupted or failed; it goes on in the background."""
        return jobs.resume(self.store, self.parts.path, job)
