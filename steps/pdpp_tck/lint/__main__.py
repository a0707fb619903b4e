"""Lint the kit's own features, as `make lint` does."""

from __future__ import annotations

import sys

from pdpp_tck.features import FeatureError, features_root, read_features
from pdpp_tck.ledger import LedgerError, read_ledger
from pdpp_tck.lint import lint
from pdpp_tck.lint.sentences import unused


def main() -> int:
    """Print every problem; sentences that no scenario of ours uses are some too. The result is the status."""
    root = features_root()
    try:
        scenarios = read_features(root)
        problems = [*lint(root, scenarios, read_ledger(root / "requirements.toml")), *unused(scenarios)]
    except (FeatureError, LedgerError) as error:
        problems = [str(error)]
    print("".join(f"{problem}\n" for problem in problems), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
