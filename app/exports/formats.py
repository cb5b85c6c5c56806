"""One plan of a run as GeoPackage, GeoJSON, CSV, spreadsheet or report, with the numbers of the run and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyogrio

from app.compliance.exception_files import exceptions_of_run, kept_exceptions
from app.compliance.exceptions import GrantedException
from app.compliance.matrix import Compliance, compliance
from app.exports.evidence.package import write_package, write_package_with
from app.exports.layers import write_geojson, write_geopackage, write_schedule
from app.exports.workbook import write_workbook
from app.files.atomic import new_file
from app.plans.tables import PlanTables, plan_tables
from app.runs.run_folder import Run
from data.catalogue import message
from data.errors import InputError, reason_of, refuse


def export_plan(
    run: Run,
    plan_id: str,
    to: Path,
    *,
    language: str = "en",
    exceptions: tuple[GrantedException, ...] | None = None,
    explanation: Path | None = None,
) -> None:
    """Write one plan of a run.

    Args:
        run: read by app.runs.run_folder.load_run.
        plan_id: one of its plans.
        to: file; its suffix decides the format. An existing file is replaced.
        language: of a report, and of the labels in a spreadsheet.
        exceptions: from rules; None = those that lie beside the plan in its run.
        explanation: folder of `renewal explain` for an evidence package; None = one that lies beside the run.

    Raises:
        InputError: unknown suffix or plan, or the file cannot be written.
    """
    check_suffix(to)
    if explanation is not None and to.suffix.lower() != ".zip":
        raise refuse("evidence_only_in_package", file=to, layer="--explanation")
    tables = plan_tables(run.resolved, run.plan(plan_id))
    if exceptions is None:
        exceptions = kept_exceptions(exceptions_of_run(run.folder, plan_id), run.resolved)
    found = compliance(run.resolved, tables.plan, exceptions)
    with new_file(to) as draft:
        suffix = suffix_of(to)
        if suffix in BRIEFS:
            from app.report.compose import write_brief

            write_brief(draft, run, plan_id, tables, suffix=suffix, language=language)
        elif suffix in REPORTS:
            from app.report.compose import write_report

            write_report(draft, run, plan_id, tables, language=language, exceptions=exceptions)
        elif suffix == ".xlsx":
            write_workbook(draft, run, plan_id, tables, found, language=language)
        elif explanation is not None:
            write_package_with(draft, run, plan_id, tables, found, explanation)
        else:
            try:
                WRITERS[suffix](draft, run, plan_id, tables, found)
            except InputError as error:
                raise error.within(file=to) from error
            except (
                pyogrio.errors.DataSourceError,
                pyogrio.errors.FeatureError,
                pyogrio.errors.DataLayerError,
            ) as error:
                raise refuse("not_writable", file=to, reason=reason_of(error)) from error


def suffix_of(to: Path) -> str:
    """The end of a file's name that decides its format, in small letters: .brief.pdf is one of its own."""
    name = to.name.lower()
    return next((suffix for suffix in BRIEFS if name.endswith(suffix)), to.suffix.lower())


def check_suffix(to: Path) -> None:
    """Refuse a format that is not written."""
    if suffix_of(to) not in SUFFIXES:
        suffix = to.suffix or message("no_suffix")
        raise refuse("suffix_unsupported", file=to, layer="--to", suffix=suffix, suffixes=tuple(SUFFIXES))


WRITERS: dict[str, Callable[[Path, Run, str, PlanTables, Compliance], None]] = {
    ".gpkg": write_geopackage,
    ".geojson": write_geojson,
    ".csv": write_schedule,
    ".zip": write_package,
}
REPORTS = (".docx", ".pdf")
BRIEFS = (".pptx", ".brief.pdf")
"""The brief on one page: a slide, and A3."""
SUFFIXES: tuple[str, ...] = (*WRITERS, ".xlsx", *REPORTS, *BRIEFS)
