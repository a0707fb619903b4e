"""`pdpp-host rules`: which there are, and what having one in force joins."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
import warm

from pdpp_host.domain.entities import Connection, Source
from pdpp_host.domain.entities import Path as Acquisition

from ..houses import AT, a_house

HOST = str(Path(sys.executable).parent / "pdpp-host")


def rules(home: Path, *options: str) -> tuple[int, list[str]]:
    """Run the command; its status and the lines that it printed."""
    done = warm.run([HOST, "rules", *options, "--storage", "sqlite:///host.db"], home)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_rules_come_and_go(tmp_path: Path) -> None:
    """All are listed, with what a new database has; one is installed and removed."""
    status, listed = rules(tmp_path)
    assert (status, [line.split()[:2] for line in listed]) == (
        0,
        [["imap_account", "not"], ["rfc5322_message_id", "installed"]],
    )
    assert rules(tmp_path, "--install", "imap_account")[1][0].startswith("imap_account            installed ")
    assert rules(tmp_path)[1][0].startswith("imap_account            installed since 20")
    assert rules(tmp_path, "--remove", "imap_account")[1][0] == "imap_account            not installed"


def test_what_a_rule_joins_is_told(tmp_path: Path) -> None:
    """Each link names both connections and the reason; the second time there is none."""
    with a_house(tmp_path) as house, house.host.services.storage.write() as unit:
        accounts = {"old": "imap://ann@x", "new": "imaps://ann@x", "bob": "imap://bob@x"}
        for hour, (name, account) in enumerate(accounts.items()):
            unit.add_connection(Connection(name, "imap", name.title(), AT + timedelta(hours=hour)))
            unit.add_path(
                Acquisition(
                    name, 0, "imap", "provider_api", {"account": account}, Source(base_url=account), AT
                )
            )
        unit.commit()
    status, told = rules(tmp_path, "--install", "imap_account")
    assert (status, told[:2]) == (
        0,
        [
            "new (New) goes on in old (Old)",
            "  as path 1, the same source as path 0 by imap_account: "
            "both bindings name the account 'ann' of the IMAP server x",
        ],
    )
    assert len(told) == 4
    assert len(rules(tmp_path, "--install", "imap_account")[1]) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--install", "nobody_has"),
            "no plugin brings an identity rule 'nobody_has'; there are imap_account",
        ),
        (
            ("--remove", "nobody_has"),
            "no plugin brings an identity rule 'nobody_has'; there are imap_account",
        ),
        (("--install", "imap_account", "--remove", "rfc5322_message_id"), "two changes"),
    ],
)
def test_mistakes_end_2(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """One sentence, and everything stays as it was."""
    before = rules(tmp_path)
    status, [heard] = rules(tmp_path, *options)
    assert (status, told in heard) == (2, True), heard
    assert rules(tmp_path) == before
