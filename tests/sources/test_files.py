"""The driver `files`: any layout of files from templates, refused where a template cannot be meant."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tables import AT, item, table

from pdpp_plugins.sources.files import Files
from pdpp_tck.settings import SettingsError
from pdpp_tck.subject import ArrangedSource, SourceDriver, Unarrangeable

LINES = 'driver = "files"\nstream = "notes"\npath = "{partition}/log.jsonl"\n'
LINES += 'item = { id = "{id}", ts = "{epoch}" }'


def opened(folder: Path, text: str) -> tuple[SourceDriver, ArrangedSource, Path]:
    """The driver that a table configures, and a source of its, with its root."""
    driver, root = Files().configured(table(folder, text)), folder / "root"
    root.mkdir()
    return driver, driver.open(root), root


def test_lines_of_json(tmp_path: Path) -> None:
    """Appended line by line, so that a byte offset stays good; a placeholder alone keeps its type."""
    driver, source, root = opened(tmp_path, LINES + '\nkey = ["{partition}", "{id}"]')
    source.write("in box", [item("in box", "a")])
    before = (root / "in box" / "log.jsonl").read_bytes()
    source.write("in box", [item("in box", "b")])
    after = (root / "in box" / "log.jsonl").read_bytes()
    assert after.startswith(before)
    rows = [json.loads(line) for line in after.splitlines()]
    assert rows == [{"id": "a", "ts": int(AT.timestamp())}, {"id": "b", "ts": int(AT.timestamp())}]
    assert driver.key(item("in box", "a")) == ["in box", "a"]
    assert driver.claims == {"partitions", "inventory"}
    assert source.where() == {"root": str(root)}


def test_an_array_stays_one(tmp_path: Path) -> None:
    """The file is a JSON array after every write, also an empty one."""
    _, source, root = opened(tmp_path, LINES.replace("log.jsonl", "all.json") + '\nformat = "array"')
    source.write("a", [])
    assert json.loads((root / "a" / "all.json").read_text()) == []
    source.write("a", [item("a", "1"), item("a", "2")])
    source.write("a", [item("a", "3")])
    assert [row["id"] for row in json.loads((root / "a" / "all.json").read_text())] == ["1", "2", "3"]


def test_csv_in_one_file_for_all(tmp_path: Path) -> None:
    """A partition is a column; what disappears is its rows, and an empty one cannot be shown."""
    text = 'driver = "files"\nstream = "s"\npath = "all.csv"\nescape = "csv"\nheader = "id,at,who,text\\n"\n'
    _, source, root = opened(tmp_path, text + 'line = "{id},{at},{partition},{text}"')
    source.write("a,b", [item("a,b", "1", 'say "hi"')])
    source.write("c", [item("c", "2")])
    with (root / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["who"], row["text"]) for row in rows] == [("a,b", 'say "hi"'), ("c", "hello")]
    source.remove("a,b")
    assert (root / "all.csv").read_text() == "id,at,who,text\n2,2026-01-02T03:04:05Z,c,hello\n"
    with pytest.raises(Unarrangeable, match="a partition without records"):
        source.write("empty", [])


def test_xml_with_a_footer(tmp_path: Path) -> None:
    """What stands after the items stays after them."""
    text = 'driver = "files"\nstream = "s"\npath = "{partition}.xml"\nescape = "xml"\nheader = "<f>"\n'
    _, source, root = opened(tmp_path, text + 'footer = "</f>"\nline = "<e id=\'{id}\'>{text}</e>"')
    source.write("a", [item("a", "1", "<b> & c")])
    source.write("a", [item("a", "2")])
    found = ElementTree.parse(root / "a.xml").getroot()
    assert [(entry.get("id"), entry.text) for entry in found] == [("1", "<b> & c"), ("2", "hello")]
    source.remove("a")
    assert list(root.iterdir()) == []


def test_a_file_for_each_item(tmp_path: Path) -> None:
    """The partition is a folder then, and an empty one an empty folder."""
    _, source, root = opened(tmp_path, LINES.replace("log.jsonl", "{id}.json"))
    source.write("a", [item("a", "1"), item("a", "2")])
    source.write("b", [])
    assert sorted(file.name for file in (root / "a").iterdir()) == ["1.json", "2.json"]
    assert list((root / "b").iterdir()) == []
    source.remove("a")
    assert [entry.name for entry in root.iterdir()] == ["b"]
    source.remove("b")
    assert list(root.iterdir()) == []
    source.write("a", [item("a", "1")])
    assert (root / "a" / "1.json").is_file()
    source.obstruct()
    assert root.is_file()


def test_an_older_cursor(tmp_path: Path) -> None:
    """Its table is a template, and to have one is a claim."""
    driver, _, _ = opened(tmp_path, LINES + '\nlegacy_cursor = { last_ts = "{epoch_ms}", at = "{date}" }')
    assert driver.legacy_cursor(AT) == {"last_ts": int(AT.timestamp()) * 1000, "at": "2026-01-02"}
    assert "legacy_cursor" in driver.claims


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LINES.replace("{id}", "{ident}"), "toml:5: [source] item: {ident} is no placeholder"),
        (LINES.replace('"{partition}/', '"../'), "toml:4: [source] path: '../log.jsonl' leaves"),
        (LINES.replace('"{partition}/', '"/'), "toml:4: [source] path: '/log.jsonl' leaves"),
        (LINES.replace("item", "#"), "[source] item: give either item"),
        (LINES + '\nline = "x"', "[source] item: give either item"),
        (LINES + '\nkey = "{at"\nkeys = 1', "toml:7: [source] keys: unknown"),
        (LINES + '\nclaims = ["all"]', "toml:6: [source] claims: 'all' is unknown"),
        (LINES + '\nresource = "{id}"', "toml:6: [source] resource: {id} is no placeholder"),
        (LINES + '\nformat = "csv"', "toml:6: [source] format: 'csv' is unknown; known are lines, array"),
        (LINES.replace("stream", "#"), "[source] stream: is missing"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    """A template that means nothing is refused before anything runs."""
    with pytest.raises(SettingsError) as refused:
        Files().configured(table(tmp_path, text))
    assert told in str(refused.value)
