"""The long steps of the wheel as jobs: each can be watched, paused and resumed, and is never done twice.

Each is planned and done. To plan it is to resolve what is asked (which model, which examples, against what) into the
request of a job; to do it takes nothing but that job, now or after a restart, here or in another process, and refuses
where the world is no longer the one that was asked about.
"""

from emmaus.jobs import Report
from emmaus.steps.comparing import (
    do_evaluation,
    evaluate,
    evaluation_request,
    find_evaluation,
    plan_evaluation,
    to_evaluate,
    write_report,
)
from emmaus.steps.fetching import FOLDER, do_download, file_of, plan_download
from emmaus.steps.gathering import do_freezing, do_scoring, freeze, plan_freezing, plan_scoring, score
from emmaus.steps.generating import do_generation, generate, plan_generation, preview
from emmaus.steps.learning import (
    TRAINING,
    begin_training,
    do_training,
    estimate,
    find_dataset,
    fit,
    plan_training,
    train,
    train_file,
)

__all__ = [
    "FOLDER",
    "TRAINING",
    "Report",
    "begin_training",
    "do_download",
    "do_evaluation",
    "do_freezing",
    "do_generation",
    "do_scoring",
    "do_training",
    "estimate",
    "evaluate",
    "evaluation_request",
    "file_of",
    "find_dataset",
    "find_evaluation",
    "fit",
    "freeze",
    "generate",
    "plan_download",
    "plan_evaluation",
    "plan_freezing",
    "plan_generation",
    "plan_scoring",
    "plan_training",
    "preview",
    "score",
    "to_evaluate",
    "train",
    "train_file",
    "write_report",
]
