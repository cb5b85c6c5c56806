"""`renewal diagnose`: the city as it is before any plan, and what a plan does about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.errors import refuse

if TYPE_CHECKING:
    from app.diagnosis.asked import AskedDensity
    from envs.kernel import Plans, ResolvedScenario

CORNERS = 4


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "diagnose", diagnose_command, "command_diagnose")


def diagnose_command(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_city")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_diagnose_scenario")] = None,
    weights: Annotated[str, typer.Option(metavar="equal|entropy|F.yaml", help="option_diagnose_weights")] = "equal",
    grading: Annotated[str, typer.Option(metavar="quantile|natural", help="option_diagnose_grading")] = "quantile",
    grades: Annotated[int, typer.Option(min=2, max=9, metavar="N", help="option_diagnose_grades")] = 5,
    district: Annotated[list[str] | None, typer.Option(metavar="NAME", help="option_diagnose_district")] = None,
    villages: Annotated[str | None, typer.Option(metavar="ID,ID,...", help="option_diagnose_villages")] = None,
    box: Annotated[str | None, typer.Option(metavar="LON,LAT,LON,LAT", help="option_diagnose_box")] = None,
    areas: Annotated[Path | None, typer.Option(metavar="F", help="option_diagnose_areas")] = None,
    points: Annotated[str | None, typer.Option(metavar="LAYER|F", help="option_diagnose_points")] = None,
    crs: Annotated[str, typer.Option(metavar="CODE", help="option_diagnose_crs")] = "",
    kernel: Annotated[str, typer.Option(metavar="gaussian|quartic", help="option_diagnose_kernel")] = "gaussian",
    bandwidth: Annotated[
        float | None, typer.Option(min=1.0, max=1e6, metavar="M", help="option_diagnose_bandwidth")
    ] = None,
    cases: Annotated[Path | None, typer.Option(metavar="F.csv", help="option_diagnose_cases")] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="option_diagnose_run")] = None,
    plan: Annotated[str | None, typer.Option(metavar="ID|F", help="option_diagnose_plan")] = None,
) -> None:
    """Need of villages and areas, density of points, like projects, and what a plan leaves out."""
    from app.diagnosis.asked import AskedAreas, diagnose_city
    from app.diagnosis.diagnosis_folder import write_diagnosis
    from app.diagnosis.diagnosis_text import diagnosis_text
    from app.files.atomic import check_new_folder
    from data.diagnosis.weight_choice import read_weight_choice
    from envs.diagnosis.diagnosis import DiagnosisSetting
    from envs.diagnosis.grades import GRADINGS

    check_new_folder(out)
    graded = next((name for name in GRADINGS if name == grading), None)
    if graded is None:
        raise refuse("word_not_among", layer="--grading", choices=GRADINGS, found=grading)
    density = None if points is None else _density(points, kernel, bandwidth, crs)
    setting = DiagnosisSetting(read_weight_choice(weights), graded, grades)
    wanted = AskedAreas(
        districts=tuple(district or ()),
        villages=tuple(name.strip() for name in villages.split(",") if name.strip()) if villages else (),
        box=None if box is None else _box(box),
        file=areas,
        crs=crs,
    )
    resolved, chosen, source = _given(city, scenario, run, plan)
    told = diagnose_city(resolved, setting, areas=wanted, density=density, cases=cases, plan=chosen)
    write_diagnosis(out, told, city=source, run=None if run is None else run.name, plan_id=plan)
    print(diagnosis_text(told, out, reader_language()))


def _given(
    city: str | None, scenario: str | None, run: Path | None, plan: str | None
) -> tuple[ResolvedScenario, Plans | None, str]:
    """The city with a book, the plan of a run or of a file if one is named, and where the city lies."""
    from app.runs.brought_plans import read_brought_plan
    from app.runs.loading import load_resolved
    from app.runs.run_folder import load_run

    if run is None:
        if city is None:
            raise refuse("needed_without_run", layer="--city")
        resolved = load_resolved(city, scenario or "balanced")
        return resolved, None if plan is None else read_brought_plan(Path(plan), resolved).asked, city
    if scenario is not None:
        raise refuse("options_exclude", first="--run", second="--scenario", layer="--run, --scenario")
    if plan is None:
        raise refuse("needed_with_run", layer="--plan")
    found = load_run(run, city=city)
    return found.resolved, found.plan(plan), city or found.record.city.source


def _density(points: str, kernel: str, bandwidth: float | None, crs: str) -> AskedDensity:
    from app.diagnosis.asked import AskedDensity
    from envs.diagnosis.kernel_density import KERNELS

    shape = next((name for name in KERNELS if name == kernel), None)
    if shape is None:
        raise refuse("word_not_among", layer="--kernel", choices=KERNELS, found=kernel)
    return AskedDensity(points, shape, bandwidth, crs)


def _box(words: str) -> tuple[float, float, float, float]:
    """Two corners."""
    try:
        corners = [float(word) for word in words.split(",")]
    except ValueError:
        corners = []
    if len(corners) != CORNERS:
        raise refuse("box_wrong", layer="--box")
    return corners[0], corners[1], corners[2], corners[3]
