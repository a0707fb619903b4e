"""`pdpp-tck.toml`: what it says is read, and each mistake is refused with its file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdpp_tck.settings import RUN_S, SettingsError, find_settings, read_settings

WHOLE = """\
[connector]
command = ["./mine", "{source}"]
cwd = "inner"
manifest = "m.json"
environment = { TOKEN = "{host}" }
claims = ["interaction"]
legacy_state = "older.json"
limits = { run_s = 2.5 }

[source]
driver = "files"

[gate]
max_not_observable = 1
"""


def file_of(folder: Path, text: str) -> Path:
    """A file with this text, beside a folder `inner`."""
    (folder / "inner").mkdir(exist_ok=True)
    file = folder / "pdpp-tck.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_all_of_it_is_read(tmp_path: Path) -> None:
    """Paths are the file's own, whatever the folder of whoever reads it."""
    settings = read_settings(file_of(tmp_path, WHOLE))
    told = settings.connector
    assert told is not None
    assert told.command == ("./mine", "{source}")
    assert (told.folder, told.manifest) == ((tmp_path / "inner").resolve(), tmp_path / "m.json")
    assert (dict(told.environment), told.claims) == ({"TOKEN": "{host}"}, {"interaction"})
    assert (told.legacy_state, told.run_s) == (tmp_path / "older.json", 2.5)
    assert settings.source is not None
    assert settings.source.text("driver") == "files"
    assert settings.gate is not None
    assert dict(settings.gate.values) == {"max_not_observable": 1}


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    """A command alone is enough; without a file there are no settings."""
    told = read_settings(file_of(tmp_path, '[connector]\ncommand = ["x"]\n')).connector
    assert told is not None
    assert (told.folder, told.manifest) == (tmp_path.resolve(), tmp_path / "manifest.json")
    assert (told.run_s, told.claims, told.legacy_state) == (RUN_S, frozenset(), None)
    assert find_settings(None, tmp_path / "inner") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[connector]\ncommand = 7", "pdpp-tck.toml:2: [connector] command: 7 is no list of texts"),
        ("\n[connector]\n", "pdpp-tck.toml:2: [connector] command: is missing"),
        ("[connector]\ncommand = []", "pdpp-tck.toml:2: [connector] command: is missing"),
        ('[connector]\ncommand = ["x"]\ncwd = "nowhere"', "toml:3: [connector] cwd: "),
        ('[connector]\ncommand = ["x"]\n\ncomand = ""', "toml:4: [connector] comand: unknown; known are "),
        ('[connector]\ncommand = ["x"]\nenvironment = { A = 1 }', "toml:3: [connector] environment: "),
        ('[connector]\ncommand = ["x"]\nlimits = { run_s = 0 }', "[connector.limits] run_s: 0 is no number"),
        ('[connector]\ncommand = ["x"]\n[connector.limits]\nruns = 1', "toml:4: [connector.limits] runs: "),
        ("[conector]\n", "toml:1: [] conector: unknown; known are connector, source, gate"),
        ("[source\n", "toml:1: is not TOML: "),
        ("connector = 1", "toml:1: [] connector: 1 is no table"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    """File, line, table, key, value."""
    with pytest.raises(SettingsError) as refused:
        read_settings(file_of(tmp_path, text))
    assert told in str(refused.value)


def test_what_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    """Neither another encoding nor a file that is missing ends in a traceback."""
    file = tmp_path / "pdpp-tck.toml"
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        find_settings(file, tmp_path)
    file.write_bytes(b"# \xff\n")
    with pytest.raises(SettingsError, match="byte 2 is not UTF-8"):
        read_settings(file)
