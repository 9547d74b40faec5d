"""The desk of a maintainer: where each wheel stands, what comes next, and every step of it as a form."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emmaus import steps
from emmaus.data import MINIMUM_EXAMPLES
from emmaus.errors import EmmausError, NotFound
from emmaus.evals import FEWEST, MINIMUM
from emmaus.training import Recipe
from emmaus.types import Dataset
from emmaus.web import asking, evidence
from emmaus.web.door import Visitor
from emmaus.web.drawing import course, shape
from emmaus.web.progress import about
from emmaus.web.room import Fields, Room, given
from emmaus.web.running import panel
from emmaus.web.wheel import next_step, wheel, wheels

REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
"""A report brings its styles along, so that it can be mailed; no script in it may run, whatever a model wrote."""
DONE = {
    "promoted": "Promoted: it answers from the next question on.",
    "back": "Rolled back.",
    "begun": "Begun: how far it is stands under Work.",
    "found": "That was done before; nothing had to be made anew.",
}


def router(room: Room) -> APIRouter:
    """All routes of the desk."""
    routes = APIRouter(prefix="/desk", include_in_schema=False)
    _looking(routes, room)
    _doing(routes, room)

    @routes.post("/{slug}/promote")
    def promote(slug: str, fields: Fields, person: Visitor) -> Response:
        now = wheel(room.home, slug, deep=False)
        other = now.evaluation is not None and given(fields, "evaluation") != now.evaluation
        if other or (now.promotable and given(fields, "deployment") != (now.deployment or "")):
            raise EmmausError(
                f"nothing was promoted, for {now.name} was evaluated or put into use anew since this page was opened: "
                "look at it again, then decide"
            )
        room.home.promote(slug, evaluation=now.evaluation, by=person.name)
        return _back(slug, "promoted")

    @routes.post("/{slug}/rollback")
    def rollback(slug: str, fields: Fields, person: Visitor) -> Response:
        room.home.rollback(slug, deployment=given(fields, "deployment"), by=person.name)
        return _back(slug, "back")

    return routes


def _looking(routes: APIRouter, room: Room) -> None:
    @routes.get("")
    def desk() -> Response:
        return room.page("desk.html", wheels=[(one, next_step(one)) for one in wheels(room.home)])

    @routes.get("/{slug}")
    def one(slug: str, done: str = "") -> Response:
        return _page(room, slug, done=DONE.get(done, ""))

    @routes.get("/{slug}/report")
    def report(slug: str, evaluation: str | None = None) -> Response:
        text = evidence.page_of(room.home, room.home.evaluation(slug, evaluation))
        return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})

    @routes.get("/{slug}/datasets/{id}")
    def dataset(slug: str, id: str) -> Response:
        found = room.home.store.get(Dataset, id)
        if found.character != slug:
            raise NotFound(f"{slug} has no dataset {id!r}: the desk lists those there are")
        headers = {"Content-Disposition": f'attachment; filename="{slug}-{found.id[:9]}.jsonl"'}
        return Response(evidence.rows_of(room.home, found), media_type="application/jsonl", headers=headers)

    @routes.get("/{slug}/estimate")
    def estimate(slug: str) -> Response:
        """What a training takes: asked for apart, since every example is read for it."""
        takes = room.home.estimate(slug)
        return room.page("estimate.html", takes=takes, time=about(takes.seconds), character=slug)


def _doing(routes: APIRouter, room: Room) -> None:
    home = room.home

    @routes.post("/{slug}/generate")
    def generate(slug: str, fields: Fields) -> Response:
        seed = asking.whole(fields, "seed", "seeds", 0)
        job = home.start(
            "generate",
            slug,
            n=asking.number_of_conversations(fields),
            seed=asking.next_seed(home, slug) if seed is None else seed,
            minutes=asking.whole(fields, "minutes", "minutes", 1, asking.LONGEST),
        )
        return _back(slug, "found" if job.state == "done" else "begun")

    @routes.post("/{slug}/preview")
    def preview(slug: str, fields: Fields, request: Request) -> Response:
        seed, in_place = asking.whole(fields, "seed", "seeds", 0), "hx-request" in request.headers
        try:
            drawn = steps.preview(home.parts, slug, seed=asking.next_seed(home, slug) if seed is None else seed)
        except EmmausError as error:
            if not in_place:
                raise
            return room.page("preview.html", error=str(error))
        told: dict[str, Any] = {"preview": drawn, "shown": room.shown(drawn.turn)}
        return room.page("preview.html", **told) if in_place else _page(room, slug, **told)

    @routes.post("/{slug}/score")
    def score(slug: str) -> Response:
        home.start("score", slug)
        return _back(slug, "begun")

    @routes.post("/{slug}/freeze")
    def freeze(slug: str, fields: Fields) -> Response:
        minimum = asking.share(fields, "minimum", "score")
        seed = asking.whole(fields, "seed", "seeds", 0)
        home.start("freeze", slug, minimum=0.7 if minimum is None else minimum, seed=seed or 0)
        return _back(slug, "begun")

    @routes.post("/{slug}/train")
    def train(slug: str, fields: Fields) -> Response:
        job = home.start("train", slug, recipe=asking.chosen_recipe(fields))
        return _back(slug, "found" if job.state == "done" else "begun")

    @routes.post("/{slug}/evaluate")
    def evaluate(slug: str, fields: Fields) -> Response:
        limit = asking.whole(fields, "limit", "probes", FEWEST)
        job = home.start("evaluate", slug, limit=limit)
        return _back(slug, "found" if job.state == "done" else "begun")


def _page(room: Room, slug: str, **more: Any) -> Response:
    """The page of one character."""
    home = room.home
    character, stand = home.parts.pack.character(slug), wheel(home, slug)
    frozen, each = evidence.datasets(home, slug), asking.seconds_each(home)
    columns, rows = evidence.evaluations(home, slug, evidence.COMPARED)
    marks = evidence.quality(home, slug, frozen)
    return room.page(
        "wheel.html",
        **{"done": "", "preview": None, "shown": None, **more},
        character=character,
        wheel=stand,
        step=next_step(stand),
        review=home.reviews.counts(slug)[0],
        panel=panel(room, slug),
        seed=asking.next_seed(home, slug),
        numbers=[(number, about(number * each)) for number in asking.NUMBERS],
        each=each,
        recipe=Recipe(),
        probes=len(home.parts.pack.probes(slug)),
        least=(MINIMUM_EXAMPLES, FEWEST, MINIMUM),
        quality=marks,
        line=[(mark.kind, mark.value) for mark in marks],
        datasets=frozen,
        adapters=[(one, evidence.recipe(one)) for one in evidence.adapters(home, slug)],
        columns=columns,
        rows=rows,
        deployments=evidence.deployments(home, slug),
        course=course,
        shape=shape,
    )


def _back(slug: str, done: str) -> Response:
    return RedirectResponse(f"/desk/{slug}?done={done}", 303)
