"""The report on compliance alone: one description of its content, rendered as PDF or Word."""

from __future__ import annotations

from collections.abc import Iterator

from app.compliance.matrix import Compliance
from app.plans.tables import PlanTables
from app.report.chapters_compliance import (
    basis_blocks,
    clause_blocks,
    exception_blocks,
    place_blocks,
    verdict_blocks,
)
from app.report.document import Block, Document, Heading, Paragraph, name_text
from app.words.city_name import city_name, scenario_name
from data.catalogue import text


def compliance_document(found: Compliance, tables: PlanTables, plan: str, language: str) -> Document:
    """What the report holds.

    Args:
        found: the plan against its rules.
        tables: of the plan.
        plan: what the plan is called.
        language: zh or en.
    """
    city = name_text(city_name(found.resolved.city.name, language))
    scenario = name_text(scenario_name(found.resolved.scenario, language))
    return Document(
        title=text("compliance_title", language, plan=name_text(plan)),
        subtitle=text("compliance_subtitle", language, city=city, scenario=scenario),
        language=language,
        footer=text("compliance_footer", language, plan=name_text(plan), city=city),
        blocks=tuple(_blocks(found, tables, language)),
    )


def _blocks(found: Compliance, tables: PlanTables, language: str) -> Iterator[Block]:
    yield Paragraph(text("screening", language), "note")
    yield Heading(text("page_compliance", language))
    yield from verdict_blocks(found, tables, language)
    yield from clause_blocks(found, language)
    yield from exception_blocks(found, language)
    yield from basis_blocks(found, language, all_lines=True)
    yield from place_blocks(found, tables, language)
    yield Paragraph(
        text("compliance_digests", language, plan=found.plan_digest, scenario=found.resolved.digest), "note"
    )
