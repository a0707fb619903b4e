"""An archive and its server at scale: what is there once, and what a full refresh takes away.

`PDPP_MESSAGES` says how many messages; `make campaign` asks for ten thousand.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from imap_server import PASSWORD, Account, ImapServer

from pdpp_host.domain.entities import Batch, Connection, InstalledRule, Path, Run, Source
from pdpp_host.domain.identity import Rules
from pdpp_host.runtime.identity import joining, kept
from pdpp_host.runtime.imports import ImportWanted
from pdpp_plugins.identity.imap_account import ImapAccount

from ..houses import AT, House

MESSAGES = int(os.environ.get("PDPP_MESSAGES", "1000"))
ALL = {"coverage": {"messages": "full_refresh"}}
GONE = 100
SINCE = "2026-03-01T00:00:00Z"


def mail(number: int) -> bytes:
    """A message; every second one is of February, before `SINCE`."""
    date = f"{1 + number % 28:02} {'Feb' if number % 2 else 'Apr'} 2026 10:00:00 +0000"
    head = f"Message-ID: <{number:06d}@x>\nDate: {date}\nFrom: Ann <ann@x>\nSubject: {number}\n"
    return f"{head}\nThis is message {number}.\n".encode()


def ids(numbers: Iterable[int]) -> set[str]:
    """Their Message-IDs."""
    return {f"{number:06d}@x" for number in numbers}


@dataclass
class Owner:
    """An owner with an archive of the first nine tenths of the mail; the server has the last nine."""

    house: House
    account: Account
    connection: str

    archived = range(MESSAGES * 9 // 10)
    served = range(MESSAGES // 10, MESSAGES)

    def imports(self) -> Run:
        """Import the archive as one mbox."""
        wanted = ImportWanted("all.mbox", binding={"account": self.account.url})
        receiving = self.house.host.imports.begin(self.connection, wanted)
        for number in self.archived:
            receiving.write(b"From a@x Thu Jan  1 00:00:00 2026\n" + mail(number) + b"\n")
        return self.house.ended(receiving.finish().run_id)

    def deletes(self, numbers: Iterable[int]) -> None:
        """Delete messages on the server."""
        with self.account.client() as client:
            client.select_folder("all")
            found = [client.search(["HEADER", "Message-ID", f"{number:06d}@x"]) for number in numbers]
            assert all(len(uids) == 1 for uids in found)
            client.delete_messages([uid for [uid] in found])
            client.expunge()

    def shown(self) -> set[str]:
        """The Message-IDs of all that shows; each is there once."""
        stored = [data["message_id"] for data in self.house.stored(self.connection, "messages").values()]
        assert len(stored) == len(set(stored))
        return set(stored)

    def batch(self, run: Run) -> Batch:
        """A run's batch."""
        with self.house.host.services.storage.read() as view:
            found = view.batch(self.connection, run.batch_id)
        assert found is not None
        return found


@pytest.fixture
def account(house: House, imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with no mail yet, whose password the host finds."""
    account = imap_server.account()
    netrc = house.home / "netrc"
    netrc.write_text(f"machine {account.host} login {account.login} password {PASSWORD}\n")
    monkeypatch.setenv("PDPP_IMAP_NETRC", str(netrc))
    monkeypatch.setattr("tempfile.tempdir", str(house.home))
    return account


def connected(house: House, account: Account, since: str | None = None) -> str:
    """A connection of an upload path and, joined under `imap_account`, one that reads the server."""
    from pdpp_plugins.connectors.imap import plugin

    services, binding = house.host.services, {"account": account.url}
    with services.storage.write() as unit:
        for connector in plugin.register_connectors():  # its netrc is named now
            unit.put_connector(connector)
        unit.install_rule(InstalledRule("imap_account", AT))
        unit.add_connection(Connection("mail", "mailbox", "Mine", AT))
        archive = Path("mail", 0, "mailbox", "owner_artifact", binding, Source(), AT)
        server = Path("mail", 1, "imap", "provider_api", binding, Source(base_url=account.url), AT, since)
        unit.add_path(archive)
        unit.add_path(server)
        [proved] = joining(services, Rules([ImapAccount()]), server, [archive])
        kept(unit, "mail", 1, proved, AT)
        unit.commit()
    return "mail"


def test_an_archive_and_its_server(house: House, account: Account) -> None:
    """Each message once; a refresh removes what the server alone had shown, and an incomplete one nothing."""
    owner = Owner(house, account, connected(house, account))
    owner.account.bury("all", (mail(number) for number in owner.served))
    owner.account.append("other", mail(MESSAGES))
    everything = ids(range(MESSAGES + 1))
    assert owner.imports().status == "completed"
    assert owner.shown() == ids(owner.archived)
    run = owner.house.run(owner.connection)
    assert (run.status, owner.shown()) == ("completed", everything)
    receipt = owner.batch(run)
    new = MESSAGES - len(owner.archived) + 1
    assert (receipt.counts.parsed, receipt.counts.accepted) == (len(owner.served) + 1, new)

    # Of a hundred, six in ten are in the archive too.
    both = list(owner.archived)[-GONE * 6 // 10 :]
    only = list(range(len(owner.archived), MESSAGES))[: GONE * 4 // 10]
    owner.deletes([*both, *only])
    assert owner.house.run(owner.connection).records.deleted == 0
    assert owner.shown() == everything

    unreadable = owner.account.maildir / "other" / "cur"
    held = list(unreadable.parent.glob("*/*.*"))
    shutil.move(unreadable, unreadable.parent / "kept")
    unreadable.write_bytes(b"")
    assert held
    run = owner.house.run(owner.connection, **ALL)
    assert (run.status, [gap.reason for gap in run.known_gaps]) == ("completed", ["source_unreadable"])
    assert [claim.denied for claim in owner.batch(run).coverage] == ["incomplete"]
    assert (run.records.deleted, owner.shown()) == (0, everything)

    unreadable.unlink()
    shutil.move(unreadable.parent / "kept", unreadable)
    run = owner.house.run(owner.connection, **ALL)
    assert [claim.authority for claim in owner.batch(run).coverage] == [True]
    assert (run.records.deleted, everything - owner.shown()) == (len(only), ids(only))


@pytest.mark.long
def test_a_window_without_a_claim(house: House, account: Account) -> None:
    """Nothing goes, inside the window or out; with the claim only what lies inside and nobody else saw."""
    owner = Owner(house, account, connected(house, account, SINCE))
    account.bury("all", (mail(number) for number in owner.served))
    owner.imports()
    run = house.run(owner.connection)
    assert (run.status, run.checkpoint) == ("completed", "committed")
    in_window = {number for number in owner.served if number % 2 == 0}
    everything = ids({*owner.archived, *in_window})
    assert owner.shown() == everything
    unwanted = list(owner.served)[-GONE:]
    owner.deletes(unwanted)
    for request in ({}, {"time_range": {"messages": {"since": "2026-03-15T00:00:00Z"}}}):
        run = house.run(owner.connection, **request)
        assert (run.status, run.records.deleted) == ("completed", 0)
        assert [claim.denied for claim in owner.batch(run).coverage] == ["not_claimed"]
        assert owner.shown() == everything
    run = house.run(owner.connection, **ALL)
    gone = in_window.intersection(unwanted).difference(owner.archived)
    assert (len(gone), everything - owner.shown()) == (GONE // 2, ids(gone))
