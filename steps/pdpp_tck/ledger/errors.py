"""The mistakes that a ledger or a look-up in it can hold, one class each."""

from collections.abc import Iterable
from pathlib import Path


class LedgerError(ValueError):
    """The ledger file is wrong; ``file``, ``entry`` and ``field`` say where."""

    def __init__(self, file: Path, entry: str, field: str, happened: str, remedy: str) -> None:
        super().__init__(f"{file}: {entry}: {field}: {happened}; {remedy}")
        self.file, self.entry, self.field = file, entry, field


class UnreadableLedger(LedgerError):
    """The file is absent or not TOML."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            file, "the file", "all of it", f"cannot be read: {reason}", "give a TOML file in UTF-8"
        )


class UnknownVersion(LedgerError):
    """The file is of a shape that this kit does not read."""

    def __init__(self, file: Path, version: object, known: int) -> None:
        happened = f"{version!r} is not a version that this kit reads"
        super().__init__(
            file, "the file", "ledger_version", happened, f"write {known}, or use the kit it is for"
        )


class UnknownField(LedgerError):
    """An entry holds a key that means nothing."""

    def __init__(self, file: Path, entry: str, field: str, known: Iterable[str]) -> None:
        happened = f"{field!r} is not a field here"
        super().__init__(file, entry, field, happened, f"remove it, or use one of {', '.join(known)}")


class MissingField(LedgerError):
    """A field is absent or empty."""

    def __init__(self, file: Path, entry: str, field: str, wanted: str) -> None:
        super().__init__(file, entry, field, "is absent or empty", f"give {wanted}")


class WrongType(LedgerError):
    """A field holds another type than it must."""

    def __init__(self, file: Path, entry: str, field: str, value: object, wanted: str) -> None:
        super().__init__(file, entry, field, f"{value!r} is of the wrong type", f"give {wanted}")


class NotFilledIn(LedgerError):
    """A field still holds what a scaffold left in it."""

    def __init__(self, file: Path, entry: str, field: str, value: str) -> None:
        super().__init__(file, entry, field, f"{value!r} is a stub", "write what it asks for in its place")


class UnknownChoice(LedgerError):
    """A level, a kind or a tier is not from its closed list."""

    def __init__(self, file: Path, entry: str, field: str, value: str, known: Iterable[str]) -> None:
        super().__init__(file, entry, field, f"{value!r} is unknown", f"use one of {', '.join(known)}")


class RepeatedChoice(LedgerError):
    """A list of choices names one of them twice, which would then be counted twice."""

    def __init__(self, file: Path, entry: str, field: str, value: str) -> None:
        super().__init__(file, entry, field, f"{value!r} is named twice", "name it once")


class MalformedId(LedgerError):
    """An id does not have the form of its kind of entry, or does not belong to the entry around it."""

    def __init__(self, file: Path, entry: str, id: str, form: str) -> None:
        super().__init__(file, entry, "id", f"{id!r} is no id for this place", f"write it as {form}")


class MalformedHash(LedgerError):
    """A hash is not a SHA-256 in lower-case hexadecimal."""

    def __init__(self, file: Path, entry: str, value: str) -> None:
        happened = f"{value!r} is no SHA-256"
        super().__init__(
            file, entry, "hash", happened, "give the 64 lower-case hex digits of the spec's sentence"
        )


class DuplicateId(LedgerError):
    """Two entries have one id."""

    def __init__(self, file: Path, id: str) -> None:
        super().__init__(file, id, "id", f"{id!r} is given to two entries", "number one of them anew")


class DanglingTwin(LedgerError):
    """A ``same_as`` names no clause."""

    def __init__(self, file: Path, entry: str, twin: str, nearest: str | None) -> None:
        hint = f", perhaps {nearest!r}" if nearest else ""
        super().__init__(
            file, entry, "same_as", f"{twin!r} is no clause", f"name a clause of this file{hint}"
        )


class CircularTwin(LedgerError):
    """A chain of ``same_as`` comes back to where it began, so nothing in it is ever observed."""

    def __init__(self, file: Path, entry: str, chain: Iterable[str]) -> None:
        happened = f"{' -> '.join(chain)!r} is a circle"
        super().__init__(file, entry, "same_as", happened, "let one clause of it stand for itself")


class UnobservedKind(LedgerError):
    """A clause obliges a kind on which its twin, the one observation of both, is not judged."""

    def __init__(self, file: Path, entry: str, kind: str, twin: str) -> None:
        happened = f"{kind!r} is not among the kinds of {twin!r}, which is observed in this clause's place"
        super().__init__(file, entry, "kinds", happened, "make the kinds agree, or remove same_as")


class DigestMismatch(LedgerError):
    """The file's digest is not that of its clauses."""

    def __init__(self, file: Path, written: str, computed: str) -> None:
        happened = f"{written!r} is not the digest of the clauses below it"
        remedy = f"if their ids and hashes are meant, write {computed!r}"
        super().__init__(file, "spec", "digest", happened, remedy)


class UnknownId(LookupError):
    """Somebody asked for an id that the ledger does not have."""

    def __init__(self, noun: str, id: str, nearest: str | None) -> None:
        remedy = f"did you mean {nearest!r}?" if nearest else "see the ids in features/requirements.toml"
        super().__init__(f"the ledger has no {noun} {id!r}; {remedy}")
        self.id, self.nearest = id, nearest
