"""The OpenAPI document holds: whatever is sent, nothing breaks, and every answer is one that the document names."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from emmaus.accounts import keys
from emmaus.accounts.person import at_this_computer
from emmaus.types import Job, JobState, Scope
from emmaus.web import Door

HEADERS = {"Host": "localhost:8000", "Content-Type": "application/json"}
EXAMPLES = 5
# A question of blanks is text as the schema wants it, and no question all the same: 400 says so.
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 400, 403, 404, 409]}}}


@pytest.fixture
def schema(open_small, browse):
    home = open_small("Some things are up to us. [Handbook 1:1]")
    home.consent([Scope.STORE])
    home.store.add(Job("job-1", "train", "epictetus", {}, JobState.DONE))
    app, door = browse(home).app, Door(home)
    key, _ = keys.add(home.store, at_this_computer(door.subject), "contract", keys.ALL, clock=home.clock)
    headers = {**HEADERS, "Authorization": f"Bearer {key}"}
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config, headers=headers), headers


def known(schema, headers):
    """Ids of things that are there, by what addresses call them."""
    body = {"model": "epictetus", "messages": [{"role": "user", "content": "What is mine?"}], "store": True}
    talked = schema["/v1/chat/completions"]["POST"].Case(body=body).call(headers=headers).json()
    return {"character": "epictetus", "model": "epictetus", "id": talked["emmaus"]["conversation"]}


def test_no_request_breaks_the_contract(schema):
    schema, headers = schema
    there = known(schema, headers)
    tried = 0

    def run(operation, mode, path=None):
        nonlocal tried

        @seed(1)
        @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(mode, path_parameters=path))
        def holds(case):
            nonlocal tried
            case.call_and_validate(headers=headers)
            tried += 1

        try:
            holds()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # nothing about it can be wrong

    for found in schema.get_all_operations():
        operation = found.ok()
        names = {parameter.name for parameter in operation.path_parameters}
        run(operation, GenerationMode.POSITIVE)
        run(operation, GenerationMode.NEGATIVE)
        if names:
            named = {name: there.get(name, "nothing") for name in names}
            own = {"id": "job-1"} if "/jobs/" in operation.path else named
            run(operation, GenerationMode.POSITIVE, own)
    assert tried > 100
