"""Mutants and variants to be filled in: one for each SHALL, two for each MAY."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pdpp_tck.ledger import Kind
from pdpp_tck.specifying.news import NewClause, NewScenario
from pdpp_tck.unfilled import stub

_HEAD = '''\
"""Mutants and variants made by `pdpp-tck spec scaffold`: rename each, replace every FILL IN."""

from __future__ import annotations
'''
_IMPORTS = {
    "connector": """
from collections.abc import Iterator

from pdpp_plugins.mutants import connectors
from pdpp_plugins.mutants.lines import Lines, Said
""",
    "host": """
from pdpp_host.services import Services
from pdpp_plugins.mutants import hosts
""",
}
_BODIES = {
    "connector": ("lines: Lines) -> Iterator[Said]", "yield from lines"),
    "host": ("services: Services) -> Services", "return services"),
}


def mutants_of(scenarios: Sequence[NewScenario]) -> str:
    """The module `mutants.py` of a folder that stands beside ours."""
    clauses = [(scenario, clause) for scenario in scenarios for clause in scenario.clauses]
    used = dict.fromkeys(_room(clause.kind) for _, clause in clauses)
    imports = [_IMPORTS[room] for room in sorted(used)]
    stubs = [each for scenario, clause in clauses for each in _stubs(scenario, clause)]
    return "\n\n".join(["".join([_HEAD, *imports]).rstrip("\n"), *stubs]) + "\n"


def _stubs(scenario: NewScenario, clause: NewClause) -> Iterator[str]:
    text = clause.sentence.text
    if clause.level != "MAY":
        complains = stub(f"words of the reason with which {clause.id} must fail")
        breaks = f'{_room(clause.kind)}s.breaks("{clause.id}", {complains!r})'
        yield _function(clause, "breaks", breaks, f"in a sentence, what is done wrong against: {text}")
        return
    for verb in ("takes", "leaves"):
        legal = f'{_room(clause.kind)}s.legal("{scenario.id}", {verb}=("{clause.id}",))'
        yield _function(clause, verb, legal, f"in a sentence, how it {verb} the permission: {text}")


def _function(clause: NewClause, verb: str, decorator: str, says: str) -> str:
    name = f"{verb}_{re.sub(r'[^a-z0-9]+', '_', clause.id.lower())}"
    parameters, body = _BODIES[_room(clause.kind)]
    told = stub(says).replace("\\", "\\\\").replace('"', "'")
    return f'\n@{decorator}\ndef {name}({parameters}:\n    """{told}"""\n    {body}'


def _room(kind: Kind) -> str:
    """A storage is falsified through the host that it serves."""
    return "connector" if kind == "connector" else "host"
