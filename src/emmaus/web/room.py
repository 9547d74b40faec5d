"""What every route is given: the open home, the talks that go on, and the templates."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import Depends, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from emmaus import feedback
from emmaus.api import Emmaus
from emmaus.errors import EmmausError
from emmaus.packs import Corpus
from emmaus.shown import Shown, helped, show
from emmaus.types import CARE, Character, Draft, Scope, Turn
from emmaus.web.assets import asset
from emmaus.web.door import visit
from emmaus.web.drawing import interval, portrait
from emmaus.web.events import Answers
from emmaus.web.metrics import Observer
from emmaus.web.remembered import Remembered
from emmaus.web.talks import OpenTalk, Talks

TITLES = {
    Scope.STORE: "Keep",
    Scope.REVIEW: "Review",
    Scope.TRAIN: "Learn",
    Scope.SHARE: "Share",
}
"""What each switch is called."""
WAITING = 100
"""Words that wait for the page that shows them."""


class Room:
    """The home behind the pages."""

    def __init__(self, home: Emmaus) -> None:
        self.home = home
        self.began = home.clock()
        """When; what was on its way before then has broken off."""
        self.talks = Talks(home)
        self.remembered = Remembered()
        self._once: OrderedDict[str, str] = OrderedDict()
        self.observer = Observer(home)
        self.answers = Answers(self.observer.answered)
        self._templates = Environment(
            loader=PackageLoader("emmaus.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            asset=asset, portrait=portrait, interval=interval, reasons=feedback.REASONS, visit=visit
        )
        self._templates.filters.update(day=_day, usual=feedback.REASONS.get)

    def to_show_once(self, words: str) -> str:
        """Keep words for one page; returns what it asks for them with."""
        token = secrets.token_urlsafe(9)
        self._once[token] = words
        while len(self._once) > WAITING:
            self._once.popitem(last=False)
        return token

    def shown_once(self, token: str) -> str:
        """Give the words that a page shows, and forget them; "" where they were shown."""
        return self._once.pop(token, "")

    @property
    def corpus(self) -> Corpus:
        """The words that are inserted."""
        return self.home.parts.pack.corpus(self.home.settings.translation)

    @property
    def others(self) -> tuple[Corpus, ...]:
        """The other translations, whose words are as true."""
        return self.home.parts.pack.beside(self.corpus)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Fill in a page."""
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def part(self, template: str, **values: Any) -> str:
        """Fill in a part of a page."""
        return self._templates.get_template(template).render(values)

    def shown(self, turn: Turn) -> Shown:
        """One turn as a reader sees it."""
        return helped(turn) if turn.model == CARE else show(turn, self.corpus, self.others)

    def turn(self, shown: Shown, slug: str) -> str:
        """One turn with a character as the chat page shows it; help also where their card cannot be read."""
        character: Character | dict[str, str]
        try:
            character = self.home.parts.pack.character(slug)
        except EmmausError:
            if not shown.care:
                raise
            character = {"name": slug.title()}
        return self._templates.get_template("turn.html").render(turn=shown, character=character)

    def draft(self, draft: Draft) -> str:
        """An answer that broke off, as the chat page shows it."""
        return self._templates.get_template("draft.html").render(draft=draft)

    def said(self, opened: OpenTalk) -> str:
        """All that was said in a talk, as the chat page shows it."""
        shown = (
            self.draft(one) if isinstance(one, Draft) else self.turn(self.shown(one), opened.character)
            for one in opened.said()
        )
        return Markup("\n".join(shown))

    def name(self, slug: str) -> str:
        """Name a character, by their slug where their card cannot be read or is gone."""
        try:
            return self.home.parts.pack.character(slug).name
        except EmmausError:
            return slug

    def allowed(self, subject: str) -> frozenset[Scope]:
        """Return what a person allows now."""
        return self.home.store.consent(subject)

    def consent(self, subject: str) -> dict[str, Any]:
        """Return what the consent form shows: the words, a switch for each scope, and whether the words are new."""
        text, version = feedback.policy()
        words = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("- "))
        around = [line for line in text.splitlines() if line and not line.startswith("- ")]
        allowed = self.allowed(subject)
        return {
            "version": version,
            "compares": feedback.compares(self.home.store, subject),
            "lapsed": bool(feedback.lapsed(self.home.store, subject)),
            "before": around[0],
            "after": around[1:],
            "switches": [(s.value, TITLES[s], _sentence(words[s]), s in allowed) for s in Scope],
        }


def _day(at: float) -> Markup:
    """A moment as a page tells it: the day, and the minute for whoever looks closer."""
    moment = datetime.fromtimestamp(at, UTC).astimezone()
    exact = f'datetime="{moment:%Y-%m-%dT%H:%M%z}" title="{moment:%H:%M}"'
    return Markup(f"<time {exact}>{moment.day} {moment:%B %Y}</time>")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def given(fields: Mapping[str, Sequence[str]], name: str) -> str:
    """What a form says in this field; "" where it has none."""
    return fields.get(name, ("",))[0]


async def _fields(request: Request) -> Mapping[str, Sequence[str]]:
    return parse_qs((await request.body()).decode("utf-8", "replace"))


Fields = Annotated[Mapping[str, Sequence[str]], Depends(_fields)]
"""The fields of a posted form."""
