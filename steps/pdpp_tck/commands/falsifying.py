"""`falsify`: does the kit catch what is wrong, for the right reason, and leave alone what is legal?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.commands.formats import Format
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.commands.selecting import selected
from pdpp_tck.falsify import campaign
from pdpp_tck.falsify.campaign import Falsified
from pdpp_tck.falsify.declared import Mutant
from pdpp_tck.features import features_root
from pdpp_tck.matrix import FILE
from pdpp_tck.options import Options, UsageError
from pdpp_tck.workers import usable_cores


def falsify(
    select: Annotated[list[str] | None, typer.Option(help="Ids of clauses, scenarios, requirements.")] = None,
    mutant: Annotated[list[str] | None, typer.Option(help="Try this mutant or variant alone.")] = None,
    storage: Annotated[
        str, typer.Option(help="Which storage the hosts use: sqlite, postgres or a URL.")
    ] = "sqlite",
    features: Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where evidence goes; reports/ if not named.")] = None,
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.TEXT,
    seed: Annotated[int | None, typer.Option(help="Repeat a run's chances.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Trials at once; as many as cores if not named.")
    ] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
    update: Annotated[
        bool, typer.Option("--update", help=f"Write what came of it into features/{FILE}.")
    ] = False,
) -> None:
    """Prove that the kit can fail: every mutant caught for its reason, every legal variant left alone."""
    selection = selected(select)
    if update and (selection or mutant):
        refuse("--update writes the whole matrix: leave --select and --mutant out")
    options = Options(
        storage=storage,
        selection=selection,
        features=features,
        report=report,
        seed=seed,
        plugins=tuple(plugin or ()),
        workers=workers or usable_cores(),
    )
    try:
        found = campaign.falsify(options, mutant or ())
    except UsageError as error:
        refuse(str(error))
    if update and found.matrix is not None:
        _write(found.matrix, (features or features_root()) / FILE)
    typer.echo(
        json.dumps(_document(found), indent=2, ensure_ascii=False) if format is Format.JSON else _told(found)
    )
    raise typer.Exit(0 if found.proven else 1)


def _write(matrix: dict[str, object], file: Path) -> None:
    """The whole of it or nothing: a matrix that is cut short would be taken for a damaged one."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(matrix, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(file)


def _document(found: Falsified) -> dict[str, object]:
    if found.matrix is not None:
        return found.matrix
    trials = [
        {"name": e.declared.name, "outcome": e.outcome.value, "seen": e.seen, "duration_s": e.duration_s}
        for e in found.made
    ]
    return {"conformant": None, "trials": trials, "gaps": list(found.gaps)}


def _told(found: Falsified) -> str:
    lines = []
    for each in found.made:
        what = each.declared
        where = what.breaks if isinstance(what, Mutant) else "variant"
        lines.append(f"{each.outcome.value:14}  {where:28}  {what.name}  {each.duration_s:.1f} s")
        if not each.right:
            wanted = f"; it should complain of {what.complains!r}" if isinstance(what, Mutant) else ""
            lines += [f"    {what.says}", f"    {each.seen}{wanted}"]
    lines += ["", *found.gaps] if found.gaps else []
    wrong = sum(not each.right for each in found.made)
    counts = f"{len(found.made)} tried on {found.storage}, {wrong} of them wrong, {len(found.gaps)} missing"
    return "\n".join([*lines, "", ("proven: " if found.proven else "not proven: ") + counts])
