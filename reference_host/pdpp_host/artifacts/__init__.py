"""Owner artifacts: from bytes on their way in to a folder that a connector can read."""

from __future__ import annotations

from pdpp_host.artifacts.limits import Limits
from pdpp_host.artifacts.refusals import ArtifactRefused
from pdpp_host.artifacts.staging import Artifact, Staged, Staging

__all__ = ["Artifact", "ArtifactRefused", "Limits", "Staged", "Staging"]
