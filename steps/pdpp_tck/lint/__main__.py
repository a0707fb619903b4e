"""Lint the kit's own features, as `make lint` does, or an author's folder: `python -m pdpp_tck.lint DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from pdpp_tck.assembly import read_all
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.falsify.share import share
from pdpp_tck.features import FeatureError
from pdpp_tck.learning import page_problems
from pdpp_tck.ledger import LedgerError
from pdpp_tck.lint import lint
from pdpp_tck.lint.mutants import mutant_problems
from pdpp_tck.lint.sentences import unused
from pdpp_tck.options import UsageError
from pdpp_tck.plugins import PluginError, load_plugins


def main(arguments: list[str]) -> int:
    """Print every problem; sentences that no scenario uses are some too. The result is the status."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("usage: python -m pdpp_tck.lint [DIR], DIR being a folder of features", file=sys.stderr)
        return 2
    try:
        problems = _problems(Path(arguments[0]) if arguments else None)
    except (FeatureError, LedgerError, PluginError, UsageError) as error:
        problems = [str(error)]
    print("".join(f"{problem}\n" for problem in problems), end="")
    return 1 if problems else 0


def _problems(features: Path | None) -> list[str]:
    folder = find_folder(features)
    root, scenarios, ledger = read_all(folder)
    problems = [*lint(root, scenarios, ledger, folder), *unused(scenarios)]
    due = share(root, folder, scenarios, ledger, load_plugins())
    return [*problems, *mutant_problems(due, ledger), *page_problems(features, scenarios)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
