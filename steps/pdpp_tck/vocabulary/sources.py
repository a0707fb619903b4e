"""Sentences about a connector's source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given

FIRST = datetime(2024, 1, 1, 8, tzinfo=UTC)
EACH = 3
LONG_BYTES = 80


def names(text: str) -> list[str]:
    """The names in a step's comma list."""
    return [name.strip() for name in text.split(",")]


@given('a source with the partitions "{partitions}"')
def partitions(scene: Scene, partitions: str) -> None:
    """A source of these partitions with three records each."""
    for number, partition in enumerate(names(partitions)):
        times = [FIRST + timedelta(days=number, hours=hour) for hour in range(EACH)]
        scene.write(partition, [(f"{partition}-{i}", at) for i, at in enumerate(times, start=1)])


@given("a source with the records")
@given("the source gains the records")
def records(scene: Scene, datatable: list[list[str]]) -> None:
    """Records with their partitions and times, in the order of the table; a row may be a partition alone."""
    for partition, record, at in datatable[1:]:
        scene.write(partition, [(record, datetime.fromisoformat(at))] if record else [])


@given('the partition "{partition}" disappears')
def disappears(scene: Scene, partition: str) -> None:
    """The partition is taken out of the source."""
    scene.remove(partition)


@given('the empty partition "{partition}"')
def empty(scene: Scene, partition: str) -> None:
    """A partition that is there and holds nothing."""
    scene.write(partition, [])


@given("{count:d} more partitions with names of {length:d} characters")
def many(scene: Scene, count: int, length: int) -> None:
    """Partitions of one record each, their names as long as they are many."""
    for partition in long_names(count, length):
        scene.write(partition, [(partition[-8:], FIRST)])


@given("those {count:d} partitions disappear")
def many_disappear(scene: Scene, count: int) -> None:
    """The partitions with the long names are taken out of the source."""
    for partition in [name for name in scene.partitions() if name.startswith("many-")][:count]:
        scene.remove(partition)


def long_names(count: int, length: int) -> list[str]:
    """That many different names of that length, of more bytes than characters, as file systems bear them."""
    filler = ("ß" * LONG_BYTES)[: length - 13].ljust(length - 13, "x")
    return [f"many-{filler}{number:08d}" for number in range(count)]


@given('the partition "{partition}" returns with "{record}" of "{at}" besides')
def returns(scene: Scene, partition: str, record: str, at: str) -> None:
    """The partition is in the source again as it was, with one record more."""
    scene.restore(partition)
    scene.write(partition, [(record, datetime.fromisoformat(at))])


@given("the source cannot be listed")
def unlisted(scene: Scene) -> None:
    """What holds the partitions is there and cannot be read as such."""
    scene.obstruct()


@given('an older cursor that stands at "{at}" for all partitions')
def older_cursor(scene: Scene, at: str) -> None:
    """The stage commits a cursor of the time before partitions had their own."""
    scene.legacy(datetime.fromisoformat(at))
