"""What is installed here: packages, plugins, parts, and what would be `not_run` without them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points

from pdpp_tck import __version__
from pdpp_tck.assembly import read_requirements
from pdpp_tck.options import UsageError
from pdpp_tck.plugins import GROUP, PluginError, load_plugins, source_drivers
from pdpp_tck.subject import ConfigurableDriver, Part

REQUIRE = "PDPP_REQUIRE"
_PLATFORMS = ("Linux", "Darwin")


@dataclass(slots=True)
class Installation:
    """What was looked at, in order, and what of it is wrong."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def told(self) -> Iterator[str]:
        """One aligned line for each thing, then the findings."""
        width = max(len(name) for name, _ in self.lines)
        yield from (f"{name:{width}}  {text}" for name, text in self.lines)
        yield from (f"finding: {finding}" for finding in self.findings)
        yield f"{len(self.findings)} findings" if self.findings else "nothing found"


def examine(plugins: tuple[str, ...]) -> Installation:
    """Look at everything that a run would need; a missing part is a finding where PDPP_REQUIRE names it."""
    found = Installation()
    found.lines.append(("pdpp-tck", f"{__version__} on Python {platform.python_version()}"))
    _platform(found)
    _features(found)
    _plugins(found, plugins)
    return found


def _platform(found: Installation) -> None:
    system = platform.system()
    found.lines.append(("platform", f"{system} {platform.release()}"))
    if system not in _PLATFORMS:
        found.findings.append(f"{system} is not served; use Linux, macOS, or WSL on Windows")


def _features(found: Installation) -> None:
    try:
        root, scenarios, ledger = read_requirements(None)
    except UsageError as error:
        found.findings.append(f"features: {error}")
        return
    found.lines.append(("features", f"{len(scenarios)} scenarios in {root}"))
    found.lines.append(("spec", f"digest {ledger.digest}"))


def _plugins(found: Installation, names: tuple[str, ...]) -> None:
    try:
        manager = load_plugins(names)
        drivers = source_drivers(manager)
    except PluginError as error:
        found.findings.append(f"plugins: {error}")
        return
    installed = sorted(entry.name for entry in entry_points(group=GROUP))
    found.lines.append(("plugins", ", ".join([*installed, *names])))
    for name, driver in sorted(drivers.items()):
        own = () if isinstance(driver, ConfigurableDriver) else sorted(driver.connectors)
        serves = ", ".join(own) or "none by itself, name it with --source-driver or in pdpp-tck.toml"
        found.lines.append((f"source driver {name}", f"arranges sources of: {serves}"))
    required = set(filter(None, os.environ.get(REQUIRE, "").split(",")))
    for parts in manager.hook.report_parts():
        for part in parts:
            _part(found, part, part.name in required)


def _part(found: Installation, part: Part, required: bool) -> None:
    found.lines.append((part.name, part.detail if part.present else f"would be not_run: {part.detail}"))
    if required and not part.present:
        found.findings.append(f"{REQUIRE} promises {part.name}: {part.detail}")
