"""Lint the kit's own features, as `make lint` does."""

from __future__ import annotations

import sys

from pdpp_tck.falsify.trials import declared
from pdpp_tck.features import FeatureError, features_root, read_features
from pdpp_tck.ledger import LedgerError, read_ledger
from pdpp_tck.lint import lint
from pdpp_tck.lint.mutants import mutant_problems
from pdpp_tck.lint.sentences import unused
from pdpp_tck.plugins import PluginError, load_plugins


def main() -> int:
    """Print every problem; sentences that no scenario of ours uses are some too. The result is the status."""
    root = features_root()
    try:
        scenarios = read_features(root)
        ledger = read_ledger(root / "requirements.toml")
        problems = [*lint(root, scenarios, ledger), *unused(scenarios)]
        problems += mutant_problems(root, scenarios, ledger, declared(load_plugins()))
    except (FeatureError, LedgerError, PluginError) as error:
        problems = [str(error)]
    print("".join(f"{problem}\n" for problem in problems), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
