"""`imap` over one mailbox: which messages are new, and what becomes of each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from imap_runs import Imap
from imap_server import PASSWORD
from mail_runs import Mail, mail, mbox

WORDS = "=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?YXVz?= =?iso-8859-1?q?K=F6ln?="
PARTS = (
    "--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    "Gr=C3=BC=\n=C3=9Fe\n--b\nContent-Type: application/pdf; name*=utf-8''%E2%82%AC.pdf\n"
    "Content-Transfer-Encoding: base64\n\nAAECAwQ=\n--b--\nafterwards\n"
)


def test_the_same_data_as_mailbox(imap: Imap, mail_source: Mail) -> None:
    """A message gives one and the same record, byte for byte, from an mbox file and from a server."""
    messages = [
        mail(1, "Hello\n", Subject=WORDS, To='"Zoë" <z@y>, q@y', References="<a@x> <b@x>"),
        mail(2, PARTS, Content_Type="multipart/mixed; boundary=b"),
        mail(None, "no name\n"),
        mail(3, "first\n"),
        mail(3, "other content\n"),
        mail(3, "first\n"),
        mail(4, "one\r\ntwo\r\n").replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"),
        mail(5, b"latin \xe4\xff\n", Content_Type="text/plain; charset=iso-8859-1"),
        mail(6, "no end of line"),
        mail(7, "x\n" * 3000 + "\n\n\n", date="nonsense"),
    ]
    imap.append("Work", *messages)
    (mail_source.root / "Work.mbox").write_bytes(mbox(*messages))
    ours, theirs = imap.run().said("RECORD"), mail_source.run().said("RECORD")
    assert len(ours) == len(messages)
    assert [json.dumps(m["data"]) for m in ours] == [json.dumps(m["data"]) for m in theirs]
    assert [m["key"] for m in ours] == [m["key"] for m in theirs]


def test_only_what_is_new(imap: Imap) -> None:
    """A second run emits nothing, a third what came since; what was expunged is not spoken of."""
    imap.append("a", mail(1), mail(2))
    first = imap.run()
    assert first.keys() == ["a/m1@x", "a/m2@x"]
    second = imap.run(first.state)
    assert (second.keys(), second.state) == ([], first.state)
    with imap.account.client() as client:
        client.select_folder("a")
        client.delete_messages([1, 2])
        client.expunge()
    imap.append("a", mail(3))
    third = imap.run(second.state)
    assert third.keys() == ["a/m3@x"]
    assert third.said("SKIP_RESULT") == []
    assert all("op" not in m for m in third.said("RECORD"))
    assert imap.run().keys() == ["a/m3@x"]


def test_names_that_are_taken_stay_so(imap: Imap) -> None:
    """A message with the Message-ID of one that an earlier run had, and other content, has another name."""
    imap.append("a", mail(1, "one\n"))
    first = imap.run()
    imap.append("a", mail(1, "two\n"), mail(1, "one\n"))
    second = imap.run(first.state)
    names = second.keys()
    assert names[0].startswith("a/m1@x#")
    assert names[1] == "a/m1@x"
    assert names == imap.run().keys()[1:]


def test_a_mailbox_that_is_numbered_anew(imap: Imap) -> None:
    """Another UIDVALIDITY under a name: all is read again, and emitted but for what was emitted before."""
    imap.append("a", mail(1), mail(2, "one\n"), mail(None))
    first = imap.run()
    with imap.account.client() as client:
        client.delete_folder("a")
    imap.append("a", mail(2, "two\n"), mail(9), mail(1), mail(None))
    second = imap.run(first.state)
    renamed, new, nameless = second.keys()
    assert renamed.startswith("a/m2@x#")
    assert new == "a/m9@x"
    assert nameless == first.keys()[2]
    assert second.said("SKIP_RESULT") == []
    assert "1 of them again" in second.said("PROGRESS")[0]["message"]
    one, two = (run.state["messages"]["partitions"]["a"] for run in (first, second))
    assert one["uidvalidity"] != two["uidvalidity"]
    assert imap.run(second.state).keys() == []


def test_a_server_that_goes_back(imap: Imap) -> None:
    """A mailbox brought back from an older copy numbers other messages so: it is read again."""
    imap.append("a", mail(1))
    state = imap.run().state
    state["messages"]["partitions"]["a"]["uid"] = 7
    imap.append("a", mail(2))
    run = imap.run(state)
    assert run.keys() == ["a/m2@x"]
    assert run.state["messages"]["partitions"]["a"]["uid"] == 2


def test_nothing_is_marked_as_read(imap: Imap) -> None:
    """A run leaves every flag as it was."""
    imap.append("a", mail(1), mail(2, "x\n" * 700_000))
    assert len(imap.run().keys()) == 2
    with imap.account.client() as client:
        client.select_folder("a", readonly=True)
        flags = client.get_flags([1, 2])
    assert all(b"\\Seen" not in held for held in flags.values())


def test_large_messages(imap: Imap, mail_source: Mail) -> None:
    """A message that is fetched in parts gives the same record, attachments and all."""
    body = "--b\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + "QUJD\n" * 900_000 + "--b--\n"
    large = mail(1, body, Content_Type="multipart/mixed; boundary=b")
    messages = [mail(0), large, mail(2), mail(3, "y" * 3_000_000)]
    imap.append("a", *messages)
    (mail_source.root / "a.mbox").write_bytes(mbox(*messages))
    ours, theirs = imap.run().said("RECORD"), mail_source.run().said("RECORD")
    assert [m["data"] for m in ours] == [m["data"] for m in theirs]
    assert ours[1]["data"]["attachments"][0]["size"] == 2_700_000


def test_what_is_not_all_there(imap: Imap) -> None:
    """A message that is none, and one beyond the bounds, are told of in every run until read anew."""
    imap.append("a", mail(1, "x" * 5_000_000), b"\r\n\r\n", mail(2))
    first = imap.run()
    assert first.keys() == ["a/m1@x", "a/m2@x"]
    anew = json.loads(json.dumps(first.state))
    anew["messages"]["partitions"]["a"]["uidvalidity"] += 1
    for run in (first, imap.run(first.state), imap.run(anew)):
        told = {reason: skip["diagnostics"]["count"] for reason, skip in run.skips().items()}
        assert told == {"source_messages_cut": 1, "source_messages_malformed": 1}


MEASURED = """
import re, sys
from pdpp_plugins.connectors.imap.collecting import collect
from pdpp_plugins.connectors.wire import serve
serve(collect)
print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak of memory")
@pytest.mark.long
def test_large_mailboxes_cost_no_memory(imap: Imap) -> None:
    """A message of 40 MB between 3000 small ones is collected, and the run stays below 64 MB of memory."""
    head = "Content-Type: application/zip\nContent-Transfer-Encoding: base64\n"
    large = head.encode() + mail("large", b"QUJD" * 18 + b"\n" * 550_000 + b"QUJD" * 10_000_000)
    small = (mail(number, "x" * 2000) for number in range(3000))
    imap.account.bury("a", (message for group in (small, [large]) for message in group))
    child = subprocess.run(
        [sys.executable, "-P", "-c", MEASURED],
        input=json.dumps(imap.start()).encode(),
        capture_output=True,
        check=True,
        env=imap.environment(),
    )
    *_, last, _progress, _state, done = map(json.loads, child.stdout.splitlines())
    assert last["data"]["attachments"][0]["size"] == 30_000_054
    assert done["records_emitted"] == 3001
    assert int(child.stderr) < 64 * 1024


def test_a_server_that_goes_away(imap: Imap) -> None:
    """A connection that is lost in the middle ends the run retryable, with the right count and no cursor."""

    def many() -> Iterator[bytes]:
        return (mail(number, "x" * 2000) for number in range(3000))

    imap.account.bury("a", many())
    with imap.popen() as child:
        assert child.stdout
        assert child.stderr
        first = child.stdout.readline()  # what it cannot write it does not fetch
        imap.disconnect()
        said = [json.loads(line) for line in [first, *child.stdout]]
        assert child.stderr.read() == b""
    assert child.returncode == 1
    assert said[-1]["status"] == "failed"
    assert said[-1]["records_emitted"] == len(said) - 1 < 3000
    assert said[-1]["error"]["code"] == "source_unavailable"
    assert said[-1]["error"]["retryable"]
    assert PASSWORD not in json.dumps(said)


@pytest.mark.parametrize(("size", "gone"), [(20_000, [60, 61]), (20_000, [300]), (1_200_000, [3, 5])])
def test_expunged_while_it_collects(imap: Imap, size: int, gone: list[int]) -> None:
    """What its owner deletes during a run is left out, whole or in parts, and the rest is collected."""
    numbers = range(1, 6_000_000 // size + 1)
    line = "x" * 99 + "\n"
    imap.account.bury("a", (mail(n, line * (size // 100)) for n in numbers))
    with imap.popen() as child:
        assert child.stdout
        first = child.stdout.readline()  # what it cannot write it does not fetch
        with imap.account.client() as client:
            client.select_folder("a")
            client.delete_messages(gone)
            client.expunge()
        said = [json.loads(line) for line in [first, *child.stdout]]
    assert [m["key"][1] for m in said if m["type"] == "RECORD"] == [
        f"m{n}@x" for n in numbers if n not in gone
    ]
    assert [m["type"] for m in said if m["type"] != "RECORD"] == ["PROGRESS", "STATE", "DONE"]
    assert said[-1]["status"] == "succeeded"


def test_cancelled_while_it_collects(imap: Imap) -> None:
    """SIGTERM in the middle ends the run DONE cancelled, with the right count and no cursor."""
    imap.account.bury("a", (mail(number, "x" * 2000) for number in range(3000)))
    with imap.popen() as child:
        assert child.stdout
        first = child.stdout.readline()
        child.terminate()
        said = [json.loads(line) for line in [first, *child.stdout]]
    assert said[-1]["status"] == "cancelled"
    assert said[-1]["records_emitted"] == len(said) - 1 < 3000
