"""The records: what one room hands to the next.

Every record is frozen. A correction is a new record that names the old one as its parent, so a number in a report can
be followed back to the words it was measured on. Times are UTC seconds since the epoch; scores lie in 0..1.
"""

from emmaus.types.evidence import Bound, Decision, Deployment, Difference, Evaluation, Probe, Sample
from emmaus.types.learning import Adapter, Dataset, Example, Rejection, Score
from emmaus.types.people import (
    Account,
    ApiKey,
    AuditEvent,
    Better,
    Draft,
    Invitation,
    Post,
    Preference,
    Review,
    Right,
    Session,
)
from emmaus.types.plain import Json, digest, plain, sound
from emmaus.types.portrait import Portrait
from emmaus.types.sources import source_hash
from emmaus.types.talk import (
    CARE,
    Character,
    ConsentEvent,
    Conversation,
    Era,
    Event,
    Fact,
    Finding,
    Message,
    Passage,
    Rating,
    Role,
    Scope,
    Source,
    Turn,
    VoiceTrait,
)
from emmaus.types.work import Job, JobState, Progress

__all__ = [
    "CARE",
    "Account",
    "Adapter",
    "ApiKey",
    "AuditEvent",
    "Better",
    "Bound",
    "Character",
    "ConsentEvent",
    "Conversation",
    "Dataset",
    "Decision",
    "Deployment",
    "Difference",
    "Draft",
    "Era",
    "Evaluation",
    "Event",
    "Example",
    "Fact",
    "Finding",
    "Invitation",
    "Job",
    "JobState",
    "Json",
    "Message",
    "Passage",
    "Portrait",
    "Post",
    "Preference",
    "Probe",
    "Progress",
    "Rating",
    "Rejection",
    "Review",
    "Right",
    "Role",
    "Sample",
    "Scope",
    "Score",
    "Session",
    "Source",
    "Turn",
    "VoiceTrait",
    "digest",
    "plain",
    "sound",
    "source_hash",
]
