"""A report put together and written: the one description, then Word or PDF by the suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.compliance.exceptions import GrantedException
from app.plans.tables import PlanTables
from app.report import chapters_basis as basis
from app.report import chapters_day as days
from app.report import chapters_diagnosis as diagnosis
from app.report import chapters_effects as effects
from app.report import chapters_futures as futures
from app.report import chapters_judgment as judgment
from app.report import chapters_people as people
from app.report import chapters_plan as plan
from app.report import chapters_reasons as reasons
from app.report.brief import Brief, plan_brief
from app.report.document import Document, name_text
from app.report.subject import Subject
from app.runs.run_folder import Run
from app.runs.title import run_title
from app.studies.tornado_file import known_tornado
from app.words.city_name import city_name, scenario_name
from data.errors import refuse

CHAPTERS = (
    plan.summary,
    plan.maps,
    plan.schedule,
    plan.money,
    people.residents,
    effects.gains,
    days.day,
    reasons.reasons,
    judgment.targets,
    judgment.rules,
    diagnosis.need,
    judgment.alternatives,
    futures.futures,
    basis.assumptions,
    basis.limits,
    plan.data_notes,
    basis.provenance,
    basis.annex_villages,
    basis.annex_indicators,
    basis.annex_parameters,
)


def report_document(subject: Subject) -> Document:
    """The description of a report."""
    resolved = subject.tables.resolved
    city = name_text(city_name(resolved.city.name, subject.language))
    scenario = name_text(scenario_name(resolved.scenario, subject.language))
    plan_id, title = name_text(subject.plan_id), run_title(subject.run.folder, subject.language)
    return Document(
        title=subject.say("report_title", plan=plan_id),
        subtitle=subject.say(
            "report_subtitle", city=city, scenario=scenario, run=name_text(title),
            created=name_text(subject.run.record.created[:10]),
        ),
        language=subject.language,
        footer=subject.say("report_footer", plan=plan_id, city=city),
        blocks=tuple(block for chapter in CHAPTERS for block in chapter(subject)),
    )  # fmt: skip


def write_report(
    path: Path,
    run: Run,
    plan_id: str,
    tables: PlanTables,
    *,
    language: str,
    exceptions: tuple[GrantedException, ...] = (),
) -> None:
    """Write the report of a plan; what the parameters do to it is told where it was computed before.

    Args:
        path: file ending in .docx or .pdf.
        run: the run.
        plan_id: of the plan.
        tables: of the plan.
        language: en or zh.
        exceptions: from rules, which stand in the chapter on them.

    Raises:
        InputError: the extra that writes reports is not installed.
    """
    render = renderer(path.suffix.lower())
    known = known_tornado(tables.resolved, tables.plan)
    path.write_bytes(render(report_document(Subject(run, plan_id, tables, language, known, exceptions))))


def renderer(suffix: str) -> Callable[[Document], bytes]:
    """What makes the bytes of a .docx or .pdf.

    Raises:
        InputError: the extra that writes reports is not installed.
    """
    try:
        if suffix == ".docx":
            from app.report.word_document import word_bytes

            return word_bytes
        import reportlab  # noqa: F401 - asked for here, so that its absence is told before the work

        from app.report.pdf import pdf_bytes
    except ImportError:
        raise refuse("extra_report_missing", layer=f"--to {suffix}") from None
    return pdf_bytes


def write_brief(path: Path, run: Run, plan_id: str, tables: PlanTables, *, suffix: str, language: str) -> None:
    """Write the brief on a plan, on one page.

    Args:
        path: file to write.
        run: the run.
        plan_id: of the plan.
        tables: of the plan.
        suffix: .pptx or .brief.pdf.
        language: en or zh.

    Raises:
        InputError: the extra that writes reports is not installed.
    """
    render = brief_renderer(suffix)
    known = known_tornado(tables.resolved, tables.plan)
    path.write_bytes(render(plan_brief(Subject(run, plan_id, tables, language, known))))


def brief_renderer(suffix: str) -> Callable[[Brief], bytes]:
    """What makes the bytes of a brief.

    Raises:
        InputError: the extra that writes reports is not installed.
    """
    try:
        import reportlab  # noqa: F401 - asked for here, so that its absence is told before the work

        if suffix == ".pptx":
            from app.report.brief_slide import brief_slide_bytes

            return brief_slide_bytes
        from app.report.brief_pdf import brief_pdf_bytes
    except ImportError:
        raise refuse("extra_report_missing", layer=f"--to {suffix}") from None
    return brief_pdf_bytes
