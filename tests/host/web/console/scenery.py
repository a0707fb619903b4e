"""Connections in every way that they can be, for pages to show."""

from __future__ import annotations

from typing import Any

from ...houses import manifest, record
from ..instances import SAME, Owner, refreshable

NOW = "2026-05-01T10:00:00Z"
AN_HOUR_LATER = "2026-05-01T11:00:00Z"
PAST_AN_HOUR = "2026-05-01T11:00:01Z"

HOSTILE = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>{{ 7*7 }}\u202egnp.exe'


def skip(*partitions: str, **more: Any) -> dict[str, Any]:
    """A line that names partitions that are missing."""
    told = {"missing_partitions": list(partitions), "missing_count": len(partitions), "truncated": False}
    return {
        "type": "SKIP_RESULT",
        "stream": "notes",
        "reason": "source_partition_missing",
        "diagnostics": told,
    } | more


def hourly(instances: Owner, key: str, *records: dict[str, Any], **more: Any) -> None:
    """From now on the connector of this key emits these; an hour later they are old."""
    state = {"type": "STATE", "stream": "notes", "cursor": {"by": key}}
    done = {"type": "DONE", "status": "succeeded", "records_emitted": len(records)}
    command = instances.house.plays(*records, *more.get("before_done", ()), state, done)
    whole = manifest(refreshable(), key=key) | {"refresh_policy": {"maximum_staleness_seconds": 3600}}
    body = {"manifest": whole, "command": list(command)}
    assert instances.caller.post("/_ref/connectors", body).status == 201


def at(instances: Owner, moment: str) -> None:
    """Stop the host's clock at a moment."""
    assert instances.stage.post("/_stage/clock", {"at": moment}).status == 200


def one(instances: Owner, name: str = "Photo library") -> str:
    """A connection that was collected a moment ago."""
    at(instances, NOW)
    hourly(instances, "photos", *(record(f"p{n}", text="t") for n in range(3)))
    connection = instances.connect("photos", "device_sync", source={"root": "/"}, display_name=name)
    instances.run(connection)
    return connection


def many(instances: Owner) -> dict[str, str]:
    """One connection of each kind that an owner is likely to meet, by a short name."""
    found = {"fine": one(instances)}
    instances.stage.post(
        "/_stage/records",
        {"connection_id": found["fine"], "stream": "notes", "count": 1500, "text": "x" * 300},
    )
    hourly(instances, "mail", record("m1"), before_done=(skip("INBOX/2019", "INBOX/2020"),))
    found["gap"] = instances.connect(
        "mail", "provider_api", source={"root": "/"}, display_name="Mail at the university"
    )
    instances.run(found["gap"])
    found["archive"] = archive(instances)
    hourly(instances, "bank")
    found["blocked"] = instances.connect(
        "bank", "browser_polyfill", browser_profile_key="bank", display_name="Bank, joint account"
    )
    failed = {"event_type": "browser_surface.failed", "data": {"reason": "login_wall"}}
    instances.stage.post(
        "/_stage/runs",
        {
            "connection_id": found["blocked"],
            "profile_key": "bank",
            "status": "surface_failed",
            "events": [failed],
            "count": 2,
        },
    )
    hourly(instances, "notes-app")
    found["never"] = instances.connect("notes-app", "device_sync", display_name="Notes on the old phone")
    hourly(instances, "calendar", record("c1"))
    found["paused"] = instances.connect(
        "calendar", "provider_api", source={"root": "/"}, display_name="Calendar"
    )
    instances.run(found["paused"])
    instances.caller.call("PATCH", f"/_ref/connections/{found['paused']}", {"paused": True})
    hourly(instances, "odd", record("o1"), before_done=(skip(HOSTILE, message=HOSTILE, reason=HOSTILE),))
    found["hostile"] = instances.connect(
        "odd",
        "provider_api",
        source={"root": "/"},
        display_name=HOSTILE,
        binding={"account": HOSTILE},
    )
    instances.run(found["hostile"])
    return found


def archive(instances: Owner) -> str:
    """A connection of two paths, one of them an archive that was imported."""
    instances.install(same_source=SAME)
    key_records = [record(f"a{n}", text="t") for n in range(12)]
    hourly(instances, "archive", *key_records)
    hourly(instances, "api", *key_records[:2], record("new", text="t"))
    connection = instances.connect(
        "archive", "owner_artifact", binding=SAME[1], display_name="Messages since 2011"
    )
    joined = instances.join(connection, "api", "provider_api", binding=SAME[0], source={"root": "/"})
    assert joined.status == 201, joined.body
    asked = instances.imports(
        connection, b"an archive", name="export-2026.zip", coverage='{"notes": "full_refresh"}'
    )
    assert asked.status == 202, asked.body
    instances.run(connection, 1)
    return connection
