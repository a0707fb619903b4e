"""Files of any shape: a file or a folder for each partition, written by templates."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import escape as xml

from pdpp_plugins.sources.pattern import KEYS, checked, read_pattern, template_of
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.settings import Table
from pdpp_tck.subject import ConfigurableDriver, Item, SourceDriver, Unarrangeable
from pdpp_tck.templates import FIELDS, fields, filled, written

FORMATS = ("lines", "array")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written: its path and its lines as templates, what stands before and after them."""

    path: str
    line: Callable[[Item], str]
    header: str
    footer: str
    between: str


class FilesSource:
    """One folder of files; what was written is kept, so that any file can be made anew."""

    def __init__(self, root: Path, shape: Shape) -> None:
        self._root, self._shape = root, shape
        self._items: dict[Path, list[Item]] = {}
        self._files: defaultdict[str, set[Path]] = defaultdict(set)

    def where(self) -> dict[str, str]:
        """The folder itself."""
        return {"root": str(self._root)}

    def write(self, partition: str, items: list[Item]) -> None:
        """Add items at the end of their files; a partition without any is an empty file or folder."""
        for item in items:
            file = self._file(item)
            self._files[partition].add(file)
            self._add(file, item)
        if not items:
            self._make(partition)

    def remove(self, partition: str) -> None:
        """Delete the partition's own file or folder, or its items where it has none of its own."""
        own = self._own(partition)
        if own is None:
            self._leave_out(partition)
            return
        if own.is_dir():
            shutil.rmtree(own)
        else:
            own.unlink()
        for file in self._files.pop(partition, ()):
            self._items.pop(file, None)

    def obstruct(self) -> None:
        """Leave a file where the folder was."""
        shutil.rmtree(self._root)
        self._root.write_text("no directory")

    def close(self) -> None:
        """Nothing is held open."""

    def _add(self, file: Path, item: Item) -> None:
        new = file not in self._items
        self._items.setdefault(file, []).append(item)
        if new or self._shape.footer:
            self._rewrite(file)
            return
        with file.open("a", encoding="utf-8", newline="") as opened:
            opened.write(self._shape.between + self._shape.line(item))

    def _rewrite(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        shape = self._shape
        body = shape.between.join(map(shape.line, self._items[file]))
        file.write_text(shape.header + body + shape.footer, encoding="utf-8", newline="")

    def _leave_out(self, partition: str) -> None:
        for file, items in list(self._items.items()):
            self._items[file] = [item for item in items if item.partition != partition]
            if self._items[file] or "{id}" not in self._shape.path:
                self._rewrite(file)
            else:
                file.unlink()

    def _file(self, item: Item) -> Path:
        return self._root / written(self._shape.path, fields(item), _component)

    def _own(self, partition: str) -> Path | None:
        """The first part of the path that is the partition's alone."""
        parts = PurePosixPath(self._shape.path).parts
        for number, part in enumerate(parts):
            if "{partition}" in part and "{id}" not in part:
                named = [written(p, {"partition": partition}, _component) for p in parts[: number + 1]]
                return self._root.joinpath(*named)
        return None

    def _make(self, partition: str) -> None:
        own = self._own(partition)
        if own is None:
            raise Unarrangeable("a partition without records shows in no file: [source] path gives it none")
        if "{id}" in self._shape.path:
            own.mkdir(parents=True, exist_ok=True)
            return
        file = self._root / written(self._shape.path, {"partition": partition}, _component)
        self._files[partition].add(file)
        if file not in self._items:
            self._items[file] = []
            self._rewrite(file)


class Files:
    """`driver = "files"`."""

    name = "files"

    def configured(self, source: Table) -> SourceDriver:
        """The driver for these files; raises SettingsError about the table's keys."""
        source.only(*KEYS, "path", "format", "item", "line", "header", "footer", "escape")
        format = source.choice("format", FORMATS)
        array = format == "array"
        if ("line" in source.values) == ("item" in source.values):
            source.refuse("item", 'give either item = { … } for JSON, or line = "…" for any other text')
        if array and "line" in source.values:
            source.refuse("format", "an array is of JSON items; give item = { … }")
        line = _text_line(source) if "line" in source.values else _json_line(source, array)
        header = str(source.values.get("header", "[\n" if array else ""))
        footer = str(source.values.get("footer", "\n]\n" if array else ""))
        path = checked(source, "path", None)
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            source.refuse("path", f"{path!r} leaves the source's folder; give a path within it")
        shape = Shape(path, line, header, footer, ",\n" if array else "")
        return read_pattern(source, lambda home: FilesSource(home, shape))


def _json_line(source: Table, array: bool) -> Callable[[Item], str]:
    template = template_of(source, "item")
    end = "" if array else "\n"
    return lambda item: json.dumps(filled(template, fields(item)), ensure_ascii=False) + end


def _text_line(source: Table) -> Callable[[Item], str]:
    template, escape = checked(source, "line", None, FIELDS), source.choice("escape", tuple(_SPELT))
    return lambda item: written(template, fields(item), _SPELT[escape]) + "\n"


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


_SPELT: dict[str, Callable[[str], str]] = {
    "none": str,
    "csv": _csv,
    "xml": xml,
    "json": lambda text: json.dumps(text)[1:-1],
}


def _component(text: str) -> str:
    """A name as one part of a path."""
    return text.replace("/", "_")


@hookimpl
def register_source_drivers() -> Sequence[ConfigurableDriver]:
    """The driver `files`."""
    return [Files()]
