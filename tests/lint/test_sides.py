"""Sentences planted in a vocabulary of their own: each stays on its side of the door by whatever name."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pdpp_tck.lint import sentences

HEAD = """from pdpp_tck.asking import Asking
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when
"""
Plant = Callable[..., list[str]]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """`plant(body, others)`: problems of a vocabulary with `own` and others, named `a` or `a/b`."""
    registry = sentences.step_function_context_registry
    before = dict(registry)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def problems(body: str, others: dict[str, str] | None = None) -> list[str]:
        modules = {**(others or {}), "own": body}
        for name, text in modules.items():
            path = tmp_path / "planted" / f"{name}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            (path.parent / "__init__.py").touch()
            path.write_text(text)
        importlib.invalidate_caches()
        for name in modules:
            importlib.import_module("planted." + name.replace("/", "."))
        mine = [context for marker, context in registry.items() if marker not in before]
        monkeypatch.setattr(sentences, "sentences", lambda: mine)
        monkeypatch.setattr(sentences, "vocabulary", sys.modules["planted"])
        return list(sentences.sentence_problems([]))

    yield problems
    for added in registry.keys() - before.keys():
        del registry[added]
    for name in [name for name in sys.modules if name.partition(".")[0] == "planted"]:
        del sys.modules[name]


GIVEN = '@given("something")\n'
THEN = '@then("something")\n'
RIGHT = {
    "a Given": GIVEN + "def _(scene: Scene):\n    scene.finished_run()",
    "a table and a text": GIVEN + "def _(scene, datatable, docstring):\n    pass",
    "a Then": '@then("{x} and {y:d}")\ndef _(evidence: Evidence, judge: Judge, y, x):\n    evidence.run(x)',
    "several sentences of one function": '@given("a")\n@given("b")\ndef _(scene):\n    pass',
    "a name that another thing has": GIVEN
    + "def _(scene):\n    Judge = 1\n    return None if Judge else None",
    "a class of its own": THEN + "def _(evidence, judge):\n    Seen().all(judge)\n\n"
    "class Seen:\n    def all(self, judge):\n        judge(True, expected='', seen='')",
}
WRONG = {
    "async": (GIVEN + "async def _(scene):\n    pass", "is async and would pass without being run"),
    "an async generator": (GIVEN + "async def _(scene):\n    yield", "is async and would pass"),
    "a generator": (THEN + "def _(evidence, judge):\n    yield", "yields and would pass without being run"),
    "the wrong door": (GIVEN + "def _(evidence, judge):\n    pass", "is a Given, so it takes scene first"),
    "half a door": (THEN + "def _(evidence):\n    pass", "is a Then, so it takes evidence, judge first"),
    "a fixture": (
        GIVEN + "def _(scene, tmp_path):\n    pass",
        "takes 'tmp_path', which 'something' does not say",
    ),
    "unheard": (
        '@given("a {thing}")\ndef _(scene):\n    pass',
        "does not take 'thing', which 'a {thing}' says",
    ),
    "a default": ('@given("a {b}")\ndef _(scene, b=1):\n    pass', "does not take 'b' plainly"),
    "any arguments": (GIVEN + "def _(scene, **rest):\n    pass", "takes 'rest', which"),
    "private": (GIVEN + "def _(scene):\n    scene._door", "'_door' is private"),
    "another side": (GIVEN + "def _(scene):\n    Judge", "touches Judge, beyond the door"),
    "another side as a type": (THEN + "def _(evidence, judge):\n    x: Scene = 1", "touches Scene"),
    "by way of a function": (
        GIVEN + "def _(scene):\n    over()\n\ndef over():\n    Asking",
        "touches Asking",
    ),
    "by way of a lambda": (GIVEN + "def _(scene):\n    over()\n\nover = lambda: Asking", "touches Asking"),
    "by way of a lambda inside": (GIVEN + "def _(scene):\n    (lambda: Asking)()", "touches Asking"),
    "by way of a method": (
        GIVEN + "def _(scene):\n    Over().go()\n\nclass Over:\n    def go(self):\n        Asking",
        "touches Asking",
    ),
    "by way of a property": (
        GIVEN + "def _(scene):\n    over.go\n\nclass Over:\n    @property\n    def go(self):\n"
        "        Asking\n\nover = Over()",
        "touches Asking",
    ),
    "by way of a table": (
        GIVEN + 'def _(scene):\n    ways["a"]()\n\nways = {"a": lambda: Asking}',
        "touches Asking",
    ),
    "an alias": (
        "from pdpp_tck.scene import Scene as S\n" + THEN + "def _(evidence: S, judge):\n    pass",
        "touches Scene, beyond the door",
    ),
    "an attribute": (
        "import pdpp_tck.evidence.views\n" + GIVEN + "def _(scene):\n    pdpp_tck.evidence.views.Evidence",
        "touches Evidence",
    ),
    "an attribute of a module by another name": (
        "import pdpp_tck.evidence.views as views\n" + GIVEN + "def _(scene):\n    v = views\n    v.Evidence",
        "touches Evidence",
    ),
    "a decorator by another name": (
        "from pdpp_tck.sentence import given as g\n" + '@g("x")\nasync def _(scene):\n    pass',
        "is async",
    ),
    "a decorator of a module": (
        "import pdpp_tck.sentence as s\n" + '@s.then("x")\ndef _(scene):\n    pass',
        "is a Then, so it takes evidence, judge first",
    ),
    "a call": ('def f(judge):\n    pass\n\ngiven("x")(f)', "is a Given, so it takes scene first"),
    "the first of two of one name": (
        '@given("x")\nasync def _(scene):\n    pass\n\n@given("y")\ndef _(scene):\n    pass',
        "is async",
    ),
    "decorated once more": (
        "import functools\n\ndef twice(f):\n    @functools.wraps(f)\n    def g(scene):\n        f(scene)\n"
        "    return g\n\n" + GIVEN + "@twice\ndef _(scene):\n    pass",
        "is decorated or no function",
    ),
    "no function": (
        'class F:\n    def __call__(self, scene):\n        pass\n\ngiven("x")(F())',
        "is decorated or no function",
    ),
    "getattr": (GIVEN + 'def _(scene):\n    getattr(scene, "_door")', "'getattr' hides what is used"),
    "open": ('@then("x")\ndef _(evidence, judge):\n    open("/etc/passwd")', "'open' hides what is used"),
    "eval": (GIVEN + 'def _(scene):\n    eval("1")', "'eval' hides"),
    "exec": (GIVEN + 'def _(scene):\n    exec("1")', "'exec' hides"),
    "__import__": (GIVEN + 'def _(scene):\n    __import__("os")', "'__import__' hides"),
    "an import": ("import subprocess\n" + GIVEN + "def _(scene):\n    pass", "no use for 'subprocess'"),
    "an import inside": (GIVEN + "def _(scene):\n    import json", "an import stands at the top"),
    "a borrowed module": (
        "from pdpp_tck.scene import sys\n" + GIVEN + "def _(scene):\n    sys.exit()",
        "no use for 'sys'",
    ),
    "a borrowed class": (
        "from pdpp_tck.evidence.views import Path\n" + GIVEN + "def _(scene):\n    Path()",
        "no use for 'pathlib'",
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_sentences(plant: Plant, case: str) -> None:
    """What a sentence may do."""
    assert plant(HEAD + RIGHT[case]) == []


@pytest.mark.parametrize("case", WRONG)
def test_a_sentence_stays_on_its_side(plant: Plant, tmp_path: Path, case: str) -> None:
    """Given, When and Then each have their own part of the door, and each breach is named where it stands."""
    body, told = WRONG[case]
    problems = plant(HEAD + body)
    assert any(told in problem for problem in problems), problems
    where = re.escape(str(tmp_path / "planted" / "own.py"))
    assert all(re.match(rf"({where}|\S+):\d+: ", problem) for problem in problems)


def test_a_helper_of_another_module(plant: Plant) -> None:
    """What it touches is touched by whoever reaches it."""
    body = "from planted.side import over\n" + HEAD + GIVEN + "def _(scene):\n    over()"
    (problem,) = plant(body, {"side": "from pdpp_tck.asking import Asking\n\ndef over():\n    Asking\n"})
    assert "own.py:8: _ is a Given and touches Asking, beyond the door" in problem


def test_a_module_in_a_folder(plant: Plant, tmp_path: Path) -> None:
    """It is no less a part of the vocabulary."""
    inner = "import os\nfrom pdpp_tck.sentence import given\n\n@given('x')\nasync def _(scene):\n    pass\n"
    told = plant("", {"more/inner": inner})
    where = tmp_path / "planted" / "more" / "inner.py"
    assert told[0].startswith(f"{where}:1: a sentence has no use for 'os'")
    assert any(problem.startswith(f"{where}:5: _ is async") for problem in told)


def test_pytest_bdds_own_decorator_is_none_of_ours(plant: Plant) -> None:
    """Its functions get whatever fixture they name."""
    told = plant('import pytest_bdd\n\n@pytest_bdd.given("x")\ndef _(scene):\n    pass\n')
    assert any("own.py:4: 'x' is no sentence of the kit's; use given, when and then of" in p for p in told)
