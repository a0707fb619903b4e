"""Identity: whether two paths read one source, and which record lies behind a record (CI-01, CI-03)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct

from pdpp_host.domain.entities import Method, Path

Place = Literal["join", "apart", "refuse"]
_Answer = TypeVar("_Answer")


class SourceBinding(Struct, frozen=True):
    """What is known of the source that a path reads; what is not known is None."""

    connector_key: str
    method: Method
    account: str | None = None
    profile: str | None = None
    device: str | None = None
    local: str | None = None


class Proof(Struct, frozen=True):
    """Why two bindings are one source: the rule that says so, and its reason in a sentence for the owner."""

    rule: str
    reason: str


class IdentityRule(Protocol):
    """One rule of identity; its three answers are separate, and each may be nothing.

    A rule is deterministic, answers for (b, a) as for (a, b), raises for no binding and no record whatever
    is missing from them, and takes no e-mail address by itself for a proof. `contract.identity` holds it
    to that.
    """

    @property
    def name(self) -> str:
        """By which an owner installs it, and by which proofs name it."""

    @property
    def from_the_start(self) -> bool:
        """Whether a new database has it installed."""

    def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> Proof | None:
        """The proof that both are one source, None where there is none."""

    def wanting(self, a: SourceBinding, b: SourceBinding) -> str:
        """What the two bindings lack for a proof, as a sentence for the owner."""

    def logical_record(self, stream: str, method: Method, key: str, data: dict[str, Any]) -> str | None:
        """The name of the logical record behind a record, unique in its connection's stream, or None.

        `key` is the record's key as text. Records of two methods with one name are one record.
        """

    def authorises_reconciliation(self, proof: Proof, stream: str) -> bool:
        """Whether a full refresh of one source may remove what only the other one has seen (CI-02.2/T2)."""


class IdentityFault(Exception):
    """The rules that are installed cannot say which record this is."""


class RulesDisagree(IdentityFault):
    """Two rules name two logical records behind one record; nothing says which of them is right."""

    def __init__(self, first: IdentityRule, second: IdentityRule) -> None:
        super().__init__(
            f"the identity rules {first.name!r} and {second.name!r} name different logical records "
            "behind one record; remove one of them"
        )
        self.rules = (first.name, second.name)


class RuleBroke(IdentityFault):
    """A rule raised where it should have had no answer."""

    def __init__(self, rule: IdentityRule, error: Exception) -> None:
        super().__init__(
            f"the identity rule {rule.name!r} broke with {type(error).__name__}; mend it or remove it"
        )
        self.rule = rule.name


class Rules:
    """The rules that are installed, asked together."""

    def __init__(self, rules: Iterable[IdentityRule] = ()) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: rule.name))

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(rule.name for rule in self._rules)

    def proofs(self, a: SourceBinding, b: SourceBinding) -> tuple[Proof, ...]:
        """Every proof that two bindings are one source."""
        found = (_asked(rule, partial(rule.prove_same_source, a, b)) for rule in self._rules)
        return tuple(proof for proof in found if proof is not None)

    def wanting(self, a: SourceBinding, b: SourceBinding) -> dict[str, str]:
        """What each rule misses for a proof, by the rule's name."""
        return {rule.name: _asked(rule, partial(rule.wanting, a, b)) for rule in self._rules}

    def logical_record(self, stream: str, method: Method, key: str, data: dict[str, Any]) -> str | None:
        """The name that the rules agree on, None where none of them has one; raises IdentityFault."""
        named: tuple[IdentityRule, str] | None = None
        for rule in self._rules:
            # Asked for every record, so not by way of `_asked`.
            try:
                name = rule.logical_record(stream, method, key, data)
            except Exception as error:
                raise RuleBroke(rule, error) from error
            if name is None:
                continue
            if named is not None and named[1] != name:
                raise RulesDisagree(named[0], rule)
            named = named or (rule, name)
        return None if named is None else named[1]

    def authorises(self, proof: Proof, stream: str) -> bool:
        """Whether the rule behind a proof lets a refresh of one source reach what the other one saw."""
        asked = (rule for rule in self._rules if rule.name == proof.rule)
        return any(_asked(rule, partial(rule.authorises_reconciliation, proof, stream)) for rule in asked)


def proofs(rules: Rules, a: SourceBinding, b: SourceBinding) -> tuple[Proof, ...]:
    """Every proof that two bindings are one source; a connector's type is none (CI-01.2/T1)."""
    return rules.proofs(a, b)


def place(found: Sequence[tuple[Path, Proof]]) -> Place:
    """Where a path goes that was asked for in a connection, given the proofs with that connection's paths.

    Whose target it is said to be is a request and no proof (CI-03.2/T1).
    """
    return "join" if found else "refuse"


def _asked(rule: IdentityRule, question: Callable[[], _Answer]) -> _Answer:
    try:
        return question()
    except Exception as error:
        raise RuleBroke(rule, error) from error


def binding_of(path: Path) -> SourceBinding:
    """The binding of a path, as rules see it."""
    known = {name: path.binding.get(name) for name in ("account", "profile", "device", "local")}
    return SourceBinding(path.connector_key, path.method, **known)
