"""A mutant that is loaded by name fails its clause, and nobody else's."""

from __future__ import annotations

from kit_runs import Kit


def test_a_line_filter_around_folder_fails_its_clause(kit: Kit) -> None:
    """`folder` without its line about what is missing fails PR-01.1 as a connector."""
    plugin, name = "pdpp_plugins.mutants.partitions:forgets_missing", "folder-forgets-missing"
    options = [
        "--plugin",
        plugin,
        "--connector",
        name,
        "--source-driver",
        "folder",
        "--select",
        "PR-01.1,PR-01.2,PR-01/still-missing,PR-02.1,PR-02.2",
    ]
    ran = kit("run", "--format", "json", *options)
    assert ran.status == 1, ran.err
    assert {"PR-01.1"} == {name for name in ran.failed() if "/" not in name}
    assert all(name.startswith("PR-01/") for name in ran.failed() - {"PR-01.1"})
    assert "'beta'" in ran.reason("PR-01.1")


def test_adapted_services_fail_the_host_alone(kit: Kit) -> None:
    """A host that forgets resources fails PR-03.1; no connector fails for what the host did."""
    plugin = "pdpp_plugins.mutants.scopes:forgets_resources"
    # Those in which a request names resources: without one the mutant is the host that it was made from.
    selection = "PR-03,PR-01/narrowed-run"
    ran = kit("run", "--format", "json", "--plugin", plugin, "--select", selection)
    assert ran.status == 1, ran.err
    assert ran.verdicts("host")["PR-03.1"] == "failed"
    assert "failed" not in ran.verdicts("connector").values()
    assert ran.verdicts("connector")["PR-03.1"] == "not_observable"


def test_a_plugin_that_is_not_there_is_named(called: Kit) -> None:
    """A mistyped module, or a mistyped name in one, ends 2 with one sentence."""
    for name in ("pdpp_plugins.mutants.nobody", "pdpp_plugins.mutants.scopes:nothing"):
        ran = called("run", "--plugin", name)
        assert ran.status == 2
        assert name in ran.err
        assert "Traceback" not in ran.err
