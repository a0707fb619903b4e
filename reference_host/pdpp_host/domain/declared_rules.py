"""A rule of identity that is told in data: what a stage installs where no plugin brings the rule it needs."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from pdpp_host.domain.entities import Method
from pdpp_host.domain.identity import Proof, SourceBinding


class DeclaredRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Says that two bindings are one source, which field names logical records, and what may cross.

    `same_source` holds bindings that are one source, each by the parts that it gives. `logical` names for a
    stream the field whose text is the logical record's name. `reconciles` lists the streams in which a
    refresh of one of these sources may remove what the other one alone has seen.
    """

    name: str
    same_source: tuple[dict[str, str], ...] = ()
    logical: dict[str, str] = {}
    reconciles: tuple[str, ...] = ()

    @property
    def from_the_start(self) -> bool:
        """Never: it is there because somebody installed it."""
        return False

    def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> Proof | None:
        """A proof where both bindings are among those that are declared to be one source."""
        if self._declared(a) and self._declared(b):
            return Proof(self.name, f"{self.name} declares both bindings to be one source")
        return None

    def wanting(self, a: SourceBinding, b: SourceBinding) -> str:
        """That one of them is not declared."""
        return f"{self.name} must declare both bindings to be one source"

    def logical_record(self, stream: str, method: Method, key: str, data: dict[str, Any]) -> str | None:
        """The text in the field that is declared for the stream."""
        value = data.get(self.logical[stream]) if stream in self.logical else None
        return f"{self.name}:{value}" if isinstance(value, str) else None

    def authorises_reconciliation(self, proof: Proof, stream: str) -> bool:
        """Whether the stream is among those that are declared."""
        return stream in self.reconciles

    def _declared(self, binding: SourceBinding) -> bool:
        return any(
            given and all(getattr(binding, part, None) == value for part, value in given.items())
            for given in self.same_source
        )
