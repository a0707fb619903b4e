"""Breaches of the rules of a scenario: what is changed where, on which line, and what is said of it."""

from __future__ import annotations

SCOPES = "polyfill_runtime/resource_scopes.feature"
PARTITIONS = "polyfill_runtime/partitions.feature"

OUTLINE = """
    @PR-03.1 @host
    Scenario Outline: Cases
      When the owner starts a run
      # T1
      Then each of these is refused by a typed error
      Examples:
        | a |
        | 1 |
"""

SPOILT = {
    "a known tag": (SCOPES, "@PR-03.2 @host", "@PR-03.2 @host @soon", 1, "unknown tag @soon"),
    "one kind": (SCOPES, "@PR-03.1 @host", "@PR-03.1", 1, "needs exactly one of"),
    "an id": (SCOPES, "@PR-03.1 @host", "@host", 1, "needs exactly one id tag"),
    "an id of the ledger": (
        SCOPES,
        "@PR-03.2 @",
        "@PR-03.7 @",
        1,
        "unknown tag @PR-03.7; did you mean @",
    ),
    "an id once": (SCOPES, "@PR-03.2 @host", "@PR-03.3 @host", None, "PR-03.3 is judged for the host at"),
    "a name once": (
        SCOPES,
        "Invalid or empty resource shape (host)",
        "Targeted stream resource run (host)",
        0,
        "the name 'Targeted stream resource run (host)' is taken at line",
    ),
    "its derivation": (
        SCOPES,
        "@PR-03/scoped-then-full @advice",
        "@PR-03/scoped-then-full",
        1,
        "the tag @advice",
    ),
    "a mapping comment": (
        SCOPES,
        "      # T2\n      And every identifier",
        "      And every identifier",
        0,
        "names what",
    ),
    "an obliged clause": (
        SCOPES,
        "# T2\n      And every id",
        "# T3\n      And every id",
        None,
        "PR-03.1/T3 obliges no",
    ),
    "every clause": (
        SCOPES,
        "# T2\n      And every id",
        "# T1\n      And every id",
        None,
        "no Then judges PR-03.1/T2",
    ),
    "a bound step": (
        SCOPES,
        "Then the record",
        "Then this record",
        0,
        "no step definition for Then 'this record",
    ),
    "a step, not a description": (
        SCOPES,
        "(host)\n      Given the kit",
        "(host)\n      Given: the kit",
        1,
        "is read as description",
    ),
    "no Background": (
        SCOPES,
        "  Rule: Owner-triggered",
        "  Background:\n    Given a finished run\n\n  Rule: Owner-triggered",
        0,
        "a Background hides",
    ),
    "no Outline": (SCOPES, "\n    @PR-03.2 @host", OUTLINE + "\n    @PR-03.2 @host", 2, "an Outline makes"),
    "a claim of its kind": (
        SCOPES,
        "@PR-03.1 @host",
        "@PR-03.1 @host @claim.resources",
        1,
        "@claim.resources is no claim of a host",
    ),
    "a tag once": (
        SCOPES,
        "@PR-03.1 @host",
        "@PR-03.1 @PR-03.1 @host",
        0,
        "the tag @PR-03.1 is given at line",
    ),
    "a mapping above a Given": (
        SCOPES,
        "      Given the kit's",
        "      # T1\n      Given the kit's",
        0,
        "'# T1' stands above no Then",
    ),
    "a mapping above a When": (
        SCOPES,
        "      When the owner",
        "      # T77\n      When the owner",
        0,
        "'# T77' st",
    ),
    "a mapping above a comment": (
        SCOPES,
        "      # T1\n",
        "      # R1\n      # T1\n",
        0,
        "'# R1' stands above no",
    ),
    "a mapping of an unknown clause": (
        SCOPES,
        "# T2\n      And every id",
        "# T2 T77\n      And every id",
        None,
        "PR-03.1/T77 obliges no",
    ),
    "a When before the Thens": (
        SCOPES,
        "      # T2\n      And every id",
        "      When the owner starts a run\n      # T2\n      Then every id",
        0,
        "a When after a Then; say first what comes first",
    ),
    "a Given before the Thens": (
        SCOPES,
        "      # T2\n      And every id",
        "      Given a finished run\n      # T2\n      Then every id",
        0,
        "a Given after a Then",
    ),
    "a Given before the When": (
        SCOPES,
        '      When the owner starts a run of "alpha" alone\n',
        '      When the owner starts a run of "alpha" alone\n      Given a finished run\n',
        1,
        "a Given after a When",
    ),
    "a control beside what only forbids": (
        PARTITIONS,
        '      # control\n      And "beta" is named as missing',
        '      # T1\n      And "beta" is named as missing',
        None,
        "only forbids; add a Then below # control",
    ),
    "one When": (
        SCOPES,
        "      When the owner starts a run\n",
        "",
        None,
        "0 Whens where one behaviour has one",
    ),
    "few steps": (
        PARTITIONS,
        "      And a finished run\n",
        "      And a finished run\n" * 5,
        None,
        "steps are more than 7",
    ),
}
