"""The folder that `--features` names: what lies in it, and whether it stands beside ours or for ours."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.features import features_root
from pdpp_tck.options import UsageError

LEDGER = "requirements.toml"


@dataclass(frozen=True, slots=True)
class Folder:
    """An author's folder; one that is `whole` has a ledger of everything and stands in place of ours.

    `*.feature` anywhere below `root`, `requirements.toml`, sentences in `steps/`, mutants and variants in
    `mutants.py` or `mutants/`, `kill-matrix.json`.
    """

    root: Path
    whole: bool

    @property
    def beside(self) -> Path | None:
        """The folder, where it stands beside ours."""
        return None if self.whole else self.root

    @property
    def ledger(self) -> Path:
        """Where its requirements are."""
        return self.root / LEDGER


def find_folder(features: Path | None) -> Folder | None:
    """The folder that an option names, None for the kit's own features; raises UsageError."""
    if features is None:
        return None
    root = features.resolve()
    if root == features_root().resolve():
        return None
    if not root.is_dir():
        raise UsageError(f"--features {str(features)!r}: no such folder; name one that holds *.feature")
    folder = Folder(root, _is_whole(root / LEDGER))
    ours = features_root().resolve()
    if not folder.whole and (root in ours.parents or ours in root.parents):
        raise UsageError(f"--features {str(features)!r}: lies around or within our own {ours}; name another")
    return folder


def _is_whole(ledger: Path) -> bool:
    """Whether a ledger says what spec it is of: then it holds all that is judged, like a copy of ours."""
    try:
        return "spec" in tomllib.loads(ledger.read_text(encoding="utf-8"))
    except FileNotFoundError:
        how = "docs/guide-spec-authors.md shows what it holds"
        raise UsageError(f"{ledger}: is not there; write one, {how}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{ledger}: cannot be read: {error}; give TOML in UTF-8") from None
