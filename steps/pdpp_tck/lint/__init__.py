"""What is checked in the features and their vocabulary before pytest sees them: what pytest-bdd hides."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pdpp_tck import vocabulary
from pdpp_tck.authors.folder import Folder
from pdpp_tck.authors.modules import step_modules
from pdpp_tck.features import Scenario
from pdpp_tck.ledger import Ledger
from pdpp_tck.lint.scenarios import scenario_problems
from pdpp_tck.lint.sentences import sentence_problems
from pdpp_tck.lint.shadows import shadow_problems
from pdpp_tck.lint.text import text_problems

__all__ = ["lint"]


def lint(root: Path, scenarios: list[Scenario], ledger: Ledger, folder: Folder | None = None) -> list[str]:
    """Every problem as `file:line: what is wrong and what to do`; none for features that can be run.

    `root` are our features, or a folder in their place; `folder` is an author's.
    """
    vocabulary.load()
    step_modules(folder)
    roots = [root] if folder is None or folder.whole else [root, folder.root]
    return sorted(
        [
            *(problem for each in roots for problem in text_problems(each)),
            *scenario_problems(roots, scenarios, ledger),
            *sentence_problems(scenarios, folder),
            *shadow_problems(scenarios, folder),
            *_unloaded(),
        ]
    )


def _unloaded() -> Iterator[str]:
    """Modules of the vocabulary that are known here and that pytest would not load."""
    # It imports this module in turn.
    from pdpp_tck import pytest_plugin

    for name in vocabulary.modules():
        if name not in pytest_plugin.pytest_plugins:
            where = f"{sys.modules[name].__file__}:1"
            yield f"{where}: pytest does not load it; name it in {pytest_plugin.__name__}.pytest_plugins"
