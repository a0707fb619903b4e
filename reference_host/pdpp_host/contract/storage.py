"""The contract of every storage: subclass it under pytest, and say how your storage is opened."""

from __future__ import annotations

from pdpp_host.contract.counts import Counted
from pdpp_host.contract.folds import Folded
from pdpp_host.contract.odd_values import OddValues
from pdpp_host.contract.owned import Owned
from pdpp_host.contract.records import Records
from pdpp_host.contract.summaries import Summarised
from pdpp_host.contract.transactions import Transactions


class StorageContract(Transactions, Records, Owned, Counted, Folded, Summarised, OddValues):
    """What the host relies on. Override `fresh`, `open` and, where databases stay, `drop`.

    class TestMine(StorageContract):
        def fresh(self):
            return f"mydb://localhost/{uuid4().hex}"

        def open(self, url):
            return my_plugin.open_storage(url)
    """
