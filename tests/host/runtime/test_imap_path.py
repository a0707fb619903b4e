"""A path whose source is a server: a daily window, a claim of all there is, and what the host keeps of it."""

from __future__ import annotations

import pytest
from imap_server import PASSWORD, Account, ImapServer

from pdpp_host.domain import entities
from pdpp_plugins.connectors.imap import plugin

from ..houses import AT, House

SINCE = "2026-03-01T00:00:00Z"


def mail(number: int, date: str) -> bytes:
    """A message."""
    return f"Message-ID: <m{number}@x>\nDate: {date}\n\nhello\n".encode()


@pytest.fixture
def account(imap_server: ImapServer) -> Account:
    """An account with two mailboxes, a message of March and one of February in each."""
    account = imap_server.account()
    for mailbox in ("a", "b"):
        account.append(mailbox, mail(1, "28 Feb 2026 10:00 +0000"), mail(2, "1 Mar 2026 10:00 +0000"))
    return account


@pytest.fixture
def daily(house: House, account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    """A connection whose one path reads the account from March on; the password is in the host's netrc."""
    netrc = house.home / "netrc"
    netrc.write_text(f"machine {account.host} login {account.login} password {PASSWORD}\n")
    monkeypatch.setenv("PDPP_IMAP_NETRC", str(netrc))
    (connector,) = plugin.register_connectors()
    source = entities.Source(base_url=account.url)
    with house.host.services.storage.write() as unit:
        unit.put_connector(connector)
        unit.add_connection(entities.Connection("mail", "imap", "Mine", AT))
        unit.add_path(entities.Path("mail", 0, "imap", "provider_api", {}, source, AT, SINCE))
        unit.commit()
    return "mail"


def test_a_daily_path(house: House, account: Account, daily: str) -> None:
    """Each run collects what came since within the path's window, and its cursor is committed."""
    run = house.run(daily)
    assert (run.status, run.checkpoint, run.records.accepted) == ("completed", "committed", 2)
    assert house.cursors(daily)["messages"]["window"] == {"since": SINCE}
    account.append("a", mail(3, "2 Mar 2026 10:00 +0000"), mail(4, "2 Feb 2026 10:00 +0000"))
    assert house.run(daily).records.accepted == 1
    assert house.run(daily).records.accepted == 0
    stored = house.stored(daily, "messages")
    assert sorted((data["mailbox"], data["id"]) for data in stored.values()) == [
        ("a", "m2@x"),
        ("a", "m3@x"),
        ("b", "m2@x"),
    ]


def test_a_narrowed_run_leaves_the_cursor(house: House, account: Account, daily: str) -> None:
    """What a narrower window passes over comes with the next run of the path."""
    house.run(daily)
    account.append("a", mail(3, "2 Mar 2026 10:00 +0000"))
    run = house.run(daily, time_range={"messages": {"since": "2026-04-01T00:00:00Z"}})
    assert (run.checkpoint, run.records.accepted) == ("withheld", 0)
    assert house.run(daily).records.accepted == 1


def test_a_claim_of_all_there_is(house: House, account: Account, daily: str) -> None:
    """A run that claims all there is is permitted, has no cursor, and reads the whole window again."""
    house.run(daily)
    run = house.run(daily, coverage={"messages": "full_refresh"})
    assert (run.status, run.checkpoint) == ("completed", "committed")
    assert "batch_ingested" in house.events(run.run_id)
    assert "batch_ingested" not in house.events(house.run(daily).run_id)


def test_a_wrong_password_reaches_the_owner(house: House, account: Account, daily: str) -> None:
    """The owner sees what to mend, and the password is in nothing that the host tells."""
    netrc = house.home / "netrc"
    netrc.write_text(netrc.read_text().replace(PASSWORD, "wrong-4411"))
    run = house.run(daily)
    assert (run.status, run.terminal_reason) == ("failed", "connector_reported_failed")
    (gap,) = run.known_gaps
    assert gap.recovery_hint == {"action": "refresh_credentials"}
    with house.host.services.storage.read() as view:
        told = repr([run, *view.timeline(run.run_id)])
    assert "wrong-4411" not in told
