"""From a message to a record: fields, charsets, MIME as it is and as it should not be, names and bounds."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
import sys
from email.message import EmailMessage
from typing import Any

import pytest
from connector_runs import CANARY, Run, environment
from mail_runs import Mail, mail


def collected(mail_source: Mail, *messages: bytes) -> Run:
    """A run over one mbox file with these messages."""
    mail_source.append("a.mbox", *messages)
    return mail_source.run()


def data(mail_source: Mail, message: bytes) -> dict[str, Any]:
    """The record that one message becomes, of a run without a word of complaint."""
    run = collected(mail_source, message)
    assert run.skips() == {}
    (record,) = run.said("RECORD")
    assert record["key"] == ["a", record["data"]["id"]]
    fields: dict[str, Any] = record["data"]
    return fields


def test_all_fields(mail_source: Mail) -> None:
    """Every field that the manifest declares, out of a message as programs write them."""
    message = EmailMessage()
    message["Message-ID"] = "<one@x>"
    message["In-Reply-To"] = "<zero@x>"
    message["References"] = "<minus@x> <zero@x>"
    message["Date"] = "Fri, 02 Jan 2026 03:04:05 -0330"
    message["From"] = '"Ann, the 1st" <ann@x>'
    message["To"] = "Bób <bob@x>, cy@x"
    message["Cc"] = "all: dan@x, eve@x;"
    message["Subject"] = "Grüße 😀 " * 20
    message.set_content("héllo\nworld\n")
    message.add_alternative("<p>héllo</p>", subtype="html")
    attached = bytes(range(256)) * 1000
    message.add_attachment(attached, maintype="image", subtype="png", filename="ä b.png")
    message.add_attachment("more\n", filename="more.txt")
    assert data(mail_source, message.as_bytes()) == {
        "mailbox": "a",
        "id": "one@x",
        "message_id": "one@x",
        "in_reply_to": "zero@x",
        "references": ["minus@x", "zero@x"],
        "date": "2026-01-02T03:04:05-03:30",
        "from": [{"name": "Ann, the 1st", "address": "ann@x"}],
        "to": [{"name": "Bób", "address": "bob@x"}, {"name": None, "address": "cy@x"}],
        "cc": [{"name": None, "address": "dan@x"}, {"name": None, "address": "eve@x"}],
        "subject": ("Grüße 😀 " * 20).strip(),
        "text": "héllo\nworld",
        "attachments": [
            {
                "filename": "ä b.png",
                "content_type": "image/png",
                "size": len(attached),
                "sha256": hashlib.sha256(attached).hexdigest(),
            },
            {
                "filename": "more.txt",
                "content_type": "text/plain",
                "size": 5,
                "sha256": hashlib.sha256(b"more\n").hexdigest(),
            },
        ],
    }


def test_no_fields(mail_source: Mail) -> None:
    """A message without a header is its text, and its name the hash of that."""
    record = data(mail_source, f"\n{CANARY}\n".encode())
    assert len(record.pop("id")) == 64
    nothing = dict.fromkeys(("message_id", "in_reply_to", "date", "subject"))
    lists: dict[str, list[str]] = {name: [] for name in ("references", "from", "to", "cc", "attachments")}
    assert record == {"mailbox": "a", "text": CANARY, **nothing, **lists}


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Thu, 1 Jan 2026 10:00:00 +0530", "2026-01-01T10:00:00+05:30"),
        ("1 Jan 26 10:00 EST", "2026-01-01T10:00:00-05:00"),
        ("Thu, 01 Jan 2026 10:00:00", "2026-01-01T10:00:00+00:00"),
        ("Thu, 01 Jan 2026 10:00:00 -0000 (UTC)", "2026-01-01T10:00:00+00:00"),
        ("Thu, 32 Jan 2026 10:00:00 +0000", None),
        ("Thu, 01 Jan 2026 25:00:00 +0000", None),
        ("Thu, 01 Jan 2026 10:00:00 +9900", None),
        ("Thu, 01 Jan 99999 10:00:00 +0000", None),
        (f"{CANARY} soon", None),
        ("", None),
        ("(" * 5000, None),
    ],
)
def test_dates(mail_source: Mail, written: str, date: str | None) -> None:
    """A date keeps its offset, +00:00 where it has none; what is no date is null."""
    assert data(mail_source, mail(1, date=written))["date"] == date


def test_two_messages_of_one_name(mail_source: Mail) -> None:
    """Another message under a Message-ID that the mailbox has is kept beside it; a copy is no other."""
    draft, sent = mail(1, "draft\n"), mail(1, "sent\n")
    copied = b"Received: by x\nStatus: RO\n" + draft
    first = collected(mail_source, draft, mail(2), copied)
    assert first.keys() == ["a/m1@x", "a/m2@x", "a/m1@x"]
    mail_source.append("a.mbox", copied, sent)
    mail_source.append("b.mbox", sent)
    second = mail_source.run(first.state)
    same, other, elsewhere = (record["data"] for record in second.said("RECORD"))
    assert (same["id"], same["text"]) == ("m1@x", "draft")
    assert other["id"].startswith("m1@x#")
    assert (other["message_id"], other["text"]) == ("m1@x", "sent")
    assert (elsewhere["mailbox"], elsewhere["id"]) == ("b", "m1@x")
    assert mail_source.run().keys() == [*first.keys(), *second.keys()]


def test_two_messages_of_one_name_in_a_maildir(mail_source: Mail) -> None:
    """The same holds in a Maildir, where the other message came in an earlier run."""
    mail_source.deliver("a", "cur/1", mail(1, "draft\n"))
    first = mail_source.run()
    mail_source.deliver("a", "cur/2", mail(1, "sent\n"))
    mail_source.deliver("a", "cur/3", mail(1, "draft\n"))
    second = mail_source.run(first.state)
    assert len(second.keys()) == 2
    assert second.keys()[0].startswith("a/m1@x#")
    assert second.keys()[1] == "a/m1@x"


BODIES: dict[str, tuple[str, bytes, str]] = {
    "as declared": ("text/plain; charset=iso-8859-15", "5 €".encode("iso-8859-15"), "5 €"),
    "wrongly declared": ("text/plain; charset=us-ascii", "5 €".encode(), "5 €"),
    "not declared": ("text/plain", "5 €".encode(), "5 €"),
    "no utf-8 at all": ("text/plain; charset=utf-8", b"caf\xe9 x", "caf\ufffd x"),
    "latin-1 as ascii": ("text/plain; charset=ascii", b"caf\xe9", "café"),
    "unknown": ("text/plain; charset=klingon", "5 €".encode(), "5 €"),
    "a codec that is no charset": ("text/plain; charset=hex", b"zz", "zz"),
    "a slow codec": ("text/plain; charset=punycode", b"a" * 500_000 + b"-" + b"b" * 499_000, ""),
    "a NUL in the charset": ('text/plain; charset="a\0b"', b"x", "x"),
    "a NUL in the text": ("text/plain", b"a\0b", "a\ufffdb"),
    "utf-7 surrogate": ("text/plain; charset=utf-7", b"a+2D0-b", "a\ufffdb"),
    "utf-16": ("text/plain; charset=utf-16", "5 €".encode("utf-16"), "5 €"),
    "no type": ("plain", b"x", "x"),
    "no boundary": ("multipart/mixed", b"x", "x"),
}


@pytest.mark.parametrize(("kind", "body", "text"), BODIES.values(), ids=BODIES.keys())
def test_charsets(mail_source: Mail, kind: str, body: bytes, text: str) -> None:
    """Text comes out as declared, else as UTF-8, else as far as it goes; never does it stop a run."""
    assert data(mail_source, mail(1, body, Content_Type=kind))["text"] == (text or body.decode())


def test_raw_and_odd_headers(mail_source: Mail) -> None:
    """Raw bytes in headers, words cut in two, unknown charsets and stray lines all give what can be had."""
    header = (
        "Subject: =?utf-8?b?R3LDvMM=?= =?utf-8?b?n2U=?= =?klingon?q?a_=41?= =?utf-8?q?bro=ken?= end\n"
        "X-Long: " + "x" * 2_000_000 + "\nTO: Zoë <zoe@x>\nTo: b@x\nCc: (((((\nReferences: no brackets\n"
    )
    record = data(mail_source, header.encode() + b"Bcc\xe9: x\n" + mail(1))
    assert record["subject"] == "Größe"[:2] + "üßea Abro=ken end"
    assert record["to"] == [{"name": "Zoë", "address": "zoe@x"}, {"name": None, "address": "b@x"}]
    assert record["references"] == []


def test_structures_that_are_broken(mail_source: Mail) -> None:
    """Boundaries that never come, never close or close too early lose no text and no attachment."""
    kind = "multipart/mixed; boundary=b"
    bodies = {
        1: "no part at all\n",
        2: "--b\n\nunclosed\n",
        3: "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\ninner unclosed\n"
        "--b\n\nouter\n--b--\nepilogue\n",
        4: "--b\nContent-Type: text/plain\n--b\nno empty line\n--b--\n",
        5: "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n!!QUJD\n=RA\nx--b--\n",
    }
    mail_source.append("a.mbox", *(mail(n, body, Content_Type=kind) for n, body in bodies.items()))
    run = mail_source.run()
    found = [m["data"] for m in run.said("RECORD")]
    assert run.skips() == {}
    assert [m["text"] for m in found[:4]] == [
        "no part at all",
        "unclosed",
        "inner unclosed\nouter",
        "\nno empty line",
    ]
    assert found[4]["attachments"][0]["size"] == 3 + 0 + 3


def test_attached_messages(mail_source: Mail) -> None:
    """A message within a message, in a digest too, is an attachment; its headers are not the outer ones."""
    body = "--b\n\nSubject: inner\n\ninner\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n"
    record = data(mail_source, mail(1, body, Content_Type="multipart/digest; boundary=b"))
    assert [one["content_type"] for one in record["attachments"]] == ["message/rfc822"] * 2
    assert record["subject"] is None
    assert record["text"] is None


def test_bounds(mail_source: Mail) -> None:
    """Beyond its bounds a message is collected in part, which every run says, and stays below 8 MiB."""
    bombs = [
        mail(1, "\x01" * 5_000_000),
        mail(2, "😀" * 1_500_000),
        mail(3, To="a@x," * 50_000, References="<r@x> " * 50_000, Subject="\x01" * 1_000_000),
        mail(4, "--b\nContent-Type: a/b\n\n" * 5000, Content_Type="multipart/mixed; boundary=b"),
        mail(
            5,
            "".join(f"--{n}\nContent-Type: multipart/mixed; boundary={n + 1}\n\n" for n in range(500)),
            Content_Type="multipart/mixed; boundary=0",
        ),
        mail("x" * 5000),
        mail(6),  # the nest above is text from its 32nd level on, and nothing of it is lost
    ]
    run = collected(mail_source, *bombs)
    assert len(run.keys()) == len(set(run.keys())) == 7
    assert max(run.sizes) < 8 * 1024 * 1024
    shown = run.skips()["source_messages_cut"]["diagnostics"]["partitions"]
    assert shown[0]["count"] == len(shown[0]["lines"]) == 4
    assert mail_source.run(run.state).skips() == run.skips()


MEASURED = """
import re, sys
from pdpp_plugins.connectors.mailbox.collecting import collect
from pdpp_plugins.connectors.wire import serve
serve(collect)
print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak of memory")
def test_large_attachments_cost_no_memory(mail_source: Mail) -> None:
    """50 MB of attachment are measured to the byte, and the run stays below 48 MB of memory."""
    attached = bytes(50_000_000)
    head = "Content-Type: application/zip; name*=utf-8''%C3%A4.zip\nContent-Transfer-Encoding: base64\n"
    mail_source.append("a.mbox", head.encode() + mail(1, base64.encodebytes(attached)))
    child = subprocess.run(
        [sys.executable, "-P", "-c", MEASURED],
        input=json.dumps(mail_source.start()).encode(),
        capture_output=True,
        check=True,
        env=environment(),
    )
    assert json.loads(child.stdout.splitlines()[0])["data"]["attachments"] == [
        {
            "filename": "ä.zip",
            "content_type": "application/zip",
            "size": len(attached),
            "sha256": hashlib.sha256(attached).hexdigest(),
        }
    ]
    assert int(child.stderr) < 48 * 1024


def test_transfer_encodings_match_the_standard_library(mail_source: Mail) -> None:
    """Attachments have the hash that Python's own parser gives them."""
    contents = [b"=\n" * 999 + b"=3D", bytes(range(256)) * 77, b"a" * 100_000, b"\r\n\r\n", b""]
    message = EmailMessage()
    message.set_content("x")
    for content in contents:
        for encoding in ("base64", "quoted-printable"):
            message.add_attachment(content, maintype="a", subtype="b", cte=encoding)
    found = data(mail_source, b"Message-ID: <1@x>\n" + message.as_bytes())["attachments"]
    expected = [
        hashlib.sha256(part.get_payload(decode=True)).hexdigest() for part in message.iter_attachments()
    ]
    assert [one["sha256"] for one in found] == expected


def test_long_lines(mail_source: Mail) -> None:
    """Lines of megabytes, in quoted-printable too, come out whole where they are measured."""
    body = b"=41" * 1_500_000
    message = mail(1, body, Content_Type="a/b", Content_Transfer_Encoding="quoted-printable")
    assert data(mail_source, message)["attachments"][0]["size"] == 1_500_000


def test_a_storm_of_bytes(mail_source: Mail) -> None:
    """Bytes at random between postmarks stop nothing and show nowhere but in records."""
    source = random.Random(4)
    bodies = [source.randbytes(3000).replace(b"\nFrom ", b"") for _ in range(60)]
    kinds = [b"Content-Type: multipart/mixed; boundary=\x00\n", b"Subject: =?\xff?b?\xfe?=\n", b""]
    mail_source.append(
        "a.mbox", *(kinds[n % 3] + mail(n, CANARY.encode() + body) for n, body in enumerate(bodies))
    )
    run = mail_source.run()
    assert len(run.keys()) == 60
    assert CANARY not in json.dumps(run.state)
