"""`pdpp-host`: the reference host from the shell."""

from __future__ import annotations

from pdpp_host.cli.commands import app, main

__all__ = ["app", "main"]
