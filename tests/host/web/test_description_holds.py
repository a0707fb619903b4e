"""The description holds: whatever a caller sends, each answer is one that `/openapi.json` foretells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pdpp_host.domain import entities
from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.web.app import operations
from pdpp_host.web.calls import Operation

from ..houses import AT, House, done, manifest, record, stream
from .callers import OWNER, Caller
from .conftest import Switchboard
from .storages import house_on

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ROUTES = operations(staged=False)
# Always the same examples: what is found once is found by everybody.
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A host on each storage."""
    with house_on(request, tmp_path) as house:
        yield house


@pytest.fixture
def real(owner: Caller, house: House) -> dict[str, list[Any]]:
    """Names of things that are there, by the name of a parameter or a body's field."""
    connection = house.connect(house.plays(record("a", text="fox"), done(1)), manifest(stream()))
    run = house.run(connection)
    with house.host.services.storage.write() as unit:
        mine = entities.Path(
            connection, 1, "notes", "owner_artifact", {"account": "me"}, entities.Source(), AT
        )
        unit.add_path(mine)
        rule = DeclaredRule("declared", ({"account": "me"},))
        unit.install_rule(entities.InstalledRule(rule.name, AT, msgspec.to_builtins(rule)))
        unit.commit()
    [row] = owner.get("/v1/streams/notes/records").body["data"]
    return {
        "connection_id": [connection],
        "run_id": [run.run_id],
        "batch_id": [run.batch_id],
        "path": ["0"],
        "name": ["imap_account"],
        "stream": ["notes"],
        "record_id": [row["record_id"]],
        "connector_key": ["notes"],
        "q": ["fox"],
        "limit": ["1", "1000"],
        "manifest": [manifest(key="another")],
        "command": [["x"]],
        "binding": [{"account": "me"}],
        "since": ["2026-01-01T00:00:00Z"],
        "source": [{}, {"root": str(house.home)}],
        "connections": [[connection]],
        "streams": [["notes"]],
        "expires_at": ["2999-01-01T00:00:00Z"],
        "resources": [{"notes": ["a"]}],
        "fields": [{"notes": ["text"]}],
        "time_range": [{"notes": {"since": "2026-01-01T00:00:00Z"}}],
        "coverage": [None],
    }


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {OWNER}"
        yield session


@pytest.mark.parametrize("route", ROUTES, ids=[f"{each.method} {each.path}" for each in ROUTES])
def test_every_answer_is_foretold(
    served: tuple[Switchboard, str],
    real: dict[str, list[Any]],
    session: requests.Session,
    owner: Caller,
    route: Operation,
) -> None:
    """No route answers 5xx, nor with a status, content type or body that its description does not have."""
    url = served[1]
    described = schemathesis.openapi.from_dict(owner.get("/openapi.json").body)
    described.config.update(base_url=url)
    operation = described[route.path][route.method]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
    seen: set[int] = set()

    @BOUNDED
    @given(case=cases, choose=st.randoms(use_true_random=False))
    def holds(case: Any, choose: Any) -> None:
        for held in (case.path_parameters, case.query, case.body):
            for name in sorted(set(held) & set(real)) if isinstance(held, dict) else ():
                if choose.random() < 0.8:
                    held[name] = choose.choice(real[name])
        answer = case.call(session=session)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    holds()
    assert route.status in seen, f"the control: none of the requests was right, {sorted(seen)}"
