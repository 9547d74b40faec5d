"""The download of a model file as a job."""

from dataclasses import replace
from pathlib import Path

from emmaus import jobs
from emmaus.home import Home
from emmaus.models.download import download
from emmaus.models.origins import placed
from emmaus.models.remote import located
from emmaus.types import Job, JobState

FOLDER = "models"
"""Where in a home downloaded files lie."""


def plan_download(
    home: Home, character: str = "", *, spec: str, sha256: str | None = None, state: JobState = JobState.RUNNING
) -> Job:
    """Begin the job of a download; it is no character's. One that is done, and whose file is gone, is to be done again.

    Raises:
        BadInput: there is no such address.
    """
    url = located(spec, home.settings.hub_url)
    request = {"spec": spec.strip(), "url": url, "sha256": sha256 or None}
    job = jobs.begin(home.store, "download", "", request, state=state, clock=home.clock)
    if not file_of(home, job).exists():
        home.store.update(replace(job, state=JobState.FAILED, note="the file is gone"), state=JobState.DONE)
    return home.store.get(Job, job.id)


def do_download(home: Home, ticket: jobs.Ticket) -> None:
    """Download what a job asks for, from where it broke off."""
    asked = ticket.job.request
    sha256 = str(asked["sha256"]) if asked["sha256"] else None

    def stopped() -> bool:
        ticket.require_wanted()
        return False

    download(str(asked["url"]), home.path / FOLDER, sha256, report=ticket.report, should_stop=stopped)
    ticket.note("")


def file_of(home: Home, job: Job) -> Path:
    """Where the file of a download lies when it is done."""
    return placed(home.path / FOLDER, str(job.request["url"]))
