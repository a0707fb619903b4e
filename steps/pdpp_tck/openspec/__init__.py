"""OpenSpec: the texts in which a specification is written, read into trees and back."""

from pdpp_tck.openspec.errors import ChangeNotFound, SpecNotFound, UnreadableSpec
from pdpp_tck.openspec.finding import Finding
from pdpp_tck.openspec.folder import Spec, read_openspec
from pdpp_tck.openspec.reading import parse
from pdpp_tck.openspec.render import render
from pdpp_tck.openspec.sentence import Sentence, SpecClause
from pdpp_tck.openspec.tree import Rename, SpecFile, SpecRequirement, SpecScenario, Step

__all__ = [
    "ChangeNotFound",
    "Finding",
    "Rename",
    "Sentence",
    "Spec",
    "SpecClause",
    "SpecFile",
    "SpecNotFound",
    "SpecRequirement",
    "SpecScenario",
    "Step",
    "UnreadableSpec",
    "parse",
    "read_openspec",
    "render",
]
