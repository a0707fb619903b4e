"""What every part of the storage contract stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from pdpp_host.ports import Storage


class StorageCase:
    """One test, on a database that was empty when it began.

    A subclass says how: `fresh` gives the URL of an empty database, `open` opens it, `drop` removes it.
    Under pytest name the subclass `Test…`. `setup_method` and `teardown_method` are pytest's names; whoever
    runs the tests otherwise calls `teardown_method` after each, on an instance of its own.
    """

    _opened: tuple[str, Storage] | None = None

    def fresh(self) -> str:
        """The URL of an empty database; a test asks once."""
        raise NotImplementedError("say in your subclass of the contract where an empty database is")

    def open(self, url: str) -> Storage:
        """The plugin's storage behind a URL, as its hook `open_storage` would hand it over."""
        raise NotImplementedError("say in your subclass of the contract how a database is opened")

    def drop(self, url: str) -> None:
        """Remove a database that `fresh` gave."""

    @property
    def storage(self) -> Storage:
        """The storage of this test, opened when it is first asked for."""
        return self._both[1]

    @contextmanager
    def beside(self) -> Iterator[Storage]:
        """A second storage on the same database, as another process would have it."""
        with closing(self.open(self._both[0])) as other:
            yield other

    def teardown_method(self) -> None:
        """Close what the test opened and remove its database."""
        if self._opened is not None:
            url, storage = self._opened
            self._opened = None
            storage.close()
            self.drop(url)

    @property
    def _both(self) -> tuple[str, Storage]:
        if self._opened is None:
            url = self.fresh()
            self._opened = (url, self.open(url))
        return self._opened
