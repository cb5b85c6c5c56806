"""The pages of an evidence package: what a person reads first, in each language, with links into the package alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.exports.evidence.contents import Evidence
from app.report import chapters_basis as basis
from app.report import chapters_plan as plan
from app.report.chapters_compliance import basis_blocks, clause_blocks, exception_blocks, verdict_blocks
from app.report.chapters_judgment import targets
from app.report.document import Block, Bullets, Document, Heading, PageBreak, Paragraph, Table, name_text
from app.report.html_page import Link, html_bytes
from app.report.subject import Subject
from app.runs.title import run_title
from app.words.city_name import city_name, scenario_name
from data.catalogue import text

PAGES: Mapping[str, str] = {"zh": "index.html", "en": "index-en.html"}
"""Language -> page; whoever opens the package finds the Chinese one first."""
NAMES = {"zh": "中文", "en": "English"}
"""Of the pages, for readers of either language."""
SUMS, MANIFEST = "SHA256SUMS", "manifest.json"


def page_bytes(evidence: Evidence, sizes: Mapping[str, int], language: str) -> bytes:
    """One page.

    Args:
        evidence: what the package holds.
        sizes: path -> bytes, of every file that the page links to.
        language: zh or en.
    """
    other = "en" if language == "zh" else "zh"
    links = [Link(path, file_words(path, language), _size(n, language)) for path, n in sizes.items()]
    links += [Link(name, file_words(name, language), "") for name in (MANIFEST, SUMS)]
    document = evidence_document(evidence, language)
    title = text("evidence_files", language)
    return html_bytes(document, other=(PAGES[other], NAMES[other]), files_title=title, files=links)


def evidence_document(evidence: Evidence, language: str) -> Document:
    """What the page says."""
    resolved, run = evidence.run.resolved, evidence.run
    exceptions = tuple(item for item, _ in evidence.found.exceptions)
    subject = Subject(run, evidence.plan_id, evidence.tables, language, None, exceptions)
    plan_id, city = name_text(evidence.plan_id), name_text(city_name(resolved.city.name, language))
    return Document(
        title=text("evidence_title", language, plan=plan_id),
        subtitle=text(
            "report_subtitle", language, city=city, scenario=name_text(scenario_name(resolved.scenario, language)),
            run=name_text(run_title(run.folder, language)), created=name_text(run.record.created[:10]),
        ),
        language=language,
        footer=text("evidence_footer", language, plan=plan_id, city=city),
        blocks=tuple(block for block in _blocks(evidence, subject) if not isinstance(block, PageBreak)),
    )  # fmt: skip


def _blocks(evidence: Evidence, subject: Subject) -> Iterator[Block]:
    found, language = evidence.found, subject.language
    yield Paragraph(text("evidence_about", language), "note")
    yield from plan.summary(subject)
    yield from plan.maps(subject)
    yield Heading(text("page_compliance", language))
    yield from verdict_blocks(found, evidence.tables, language)
    yield from clause_blocks(found, language)
    yield from exception_blocks(found, language)
    yield from basis_blocks(found, language, all_lines=True)
    yield from targets(subject)
    yield from _checks(evidence, language)
    yield Heading(text("evidence_explanation", language))
    key = "evidence_explained" if evidence.explanation else "evidence_not_explained"
    yield Paragraph(
        text(key, language, n=len(evidence.explanation), plan=evidence.plan_id, run=evidence.run.folder.name)
    )
    yield from basis.assumptions(subject)
    yield from basis.limits(subject)
    yield from plan.data_notes(subject)
    yield from basis.provenance(subject)
    yield Heading(text("evidence_verify", language))
    yield Bullets(tuple(text(f"evidence_verify_{name}", language) for name in ("files", "manifest", "numbers")))
    yield Paragraph("sha256sum -c SHA256SUMS", "command")


def _checks(evidence: Evidence, language: str) -> Iterator[Block]:
    yield Heading(text("evidence_self_check", language))
    header = tuple(text(f"evidence_column_{name}", language) for name in ("check", "result", "n"))
    rows = tuple(
        (check.words(language), text("evidence_agrees", language), f"{check.n:,}") for check in evidence.checks
    )
    yield Table(header, rows, "llr", (6, 1.2, 1))


def file_words(path: str, language: str) -> str:
    """What a file of the package is; files of an explanation or the like by their folder."""
    folder, _, name = path.rpartition("/")
    if folder == "explanation":
        return text("evidence_file_explanation", language)
    return text(f"evidence_file_{name.partition('.')[0].replace('-', '_')}", language)


def _size(n_bytes: int, language: str) -> str:
    return text("evidence_size", language, kb=max(n_bytes / 1000.0, 0.1))
