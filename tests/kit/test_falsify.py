"""`falsify` catches what is wrong for its own reason, lets pass what is legal, and no crash is a catch."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from kit_runs import Kit

from pdpp_host.hookspecs import hookimpl as on_the_host
from pdpp_host.services import Services
from pdpp_tck.falsify import campaign, share
from pdpp_tck.falsify.campaign import Falsified
from pdpp_tck.falsify.declared import Declared, Mutant, Variant
from pdpp_tck.falsify.outcome import Outcome
from pdpp_tck.options import Options, UsageError

SCOPED = "PR-03/scoped-then-full"


class Careless:
    """Commits the cursors of narrowed runs."""

    @on_the_host
    def adapt_services(self, services: Services) -> Services:
        """Services whose runs are never narrowed."""
        return dataclasses.replace(services, may_commit=lambda end, narrowed: services.may_commit(end, False))


class Broken:
    """A host that breaks down over each request for a run."""

    @on_the_host
    def adapt_services(self, services: Services) -> Services:
        """Services that raise what nobody foresaw."""

        def raises(*_: Any) -> Any:
            raise RuntimeError("nobody foresaw this")

        return dataclasses.replace(services, parse_run_request=raises)


class Flawless:
    """Changes nothing."""

    @on_the_host
    def adapt_services(self, services: Services) -> None:
        """The services as they are."""


careless, broken, flawless = Careless(), Broken(), Flawless()


def tried(told: Declared, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Falsified:
    """What becomes of one declaration."""
    monkeypatch.setattr(share, "declared", lambda manager: (told,))
    return campaign.falsify(Options(storage="sqlite", report=folder), [told.name])


@pytest.mark.parametrize(
    ("complains", "plugin", "outcome"),
    [
        ("'scoped'", f"{__name__}:careless", Outcome.KILLED),
        ("something else", f"{__name__}:careless", Outcome.WRONG_REASON),
        ("", f"{__name__}:broken", Outcome.WRONG_REASON),
        ("'scoped'", f"{__name__}:flawless", Outcome.SURVIVED),
    ],
    ids=["caught", "for another reason", "a crash", "no bug at all"],
)
def test_a_mutant_is_caught_for_its_own_reason_alone(
    complains: str, plugin: str, outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a failure of the clause that tells of the bug is a kill, and only a kill proves anything."""
    found = tried(Mutant("one", f"{SCOPED}/T1", complains, "A bug.", plugin), tmp_path, monkeypatch)
    assert [each.outcome for each in found.made] == [outcome], found.made[0].seen
    assert found.proven is (outcome is Outcome.KILLED)


@pytest.mark.parametrize(
    ("plugin", "outcome"), [(f"{__name__}:careless", Outcome.FAILED), (None, Outcome.PASSED)]
)
def test_a_variant_passes_or_is_named(
    plugin: str | None, outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails a clause is no variant, and the clause is told."""
    found = tried(Variant("one", "Otherwise made.", (SCOPED,), plugin), tmp_path, monkeypatch)
    assert [each.outcome for each in found.made] == [outcome]
    assert (SCOPED in found.made[0].seen) is (plugin is not None)


def test_names_that_nothing_has_are_refused(called: Kit) -> None:
    """Ids and names are checked before anything runs, and the nearest is told."""
    for option, told in (
        ("--select=PR-03/R9", "PR-03/R"),
        ("--mutant=forgets-resourses", "forgets-resources"),
    ):
        ran = called("falsify", option)
        assert (ran.status, told in ran.err) == (2, True), ran.err
    with pytest.raises(UsageError, match="unknown"):
        campaign.falsify(Options(storage="sqlite", selection=frozenset({"PR-99"})), [])
