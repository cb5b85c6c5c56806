"""Chapters on compliance: clause by clause, what the clauses rest on, exceptions, villages concerned."""

from __future__ import annotations

from collections.abc import Iterator

from app.compliance.compliance_map import compliance_map, whole_plan_lines
from app.compliance.matrix import Compliance, Line
from app.compliance.tables import places_frame
from app.compliance.words import basis_text, beyond_text, counts_line, limit_text_of, verdict_line, where_text
from app.plans.tables import PlanTables
from app.report.chapters_plan import map_keys
from app.report.document import Block, Heading, PageBreak, Paragraph, Picture, Table, name_text
from app.report.pictures import plan_map_png
from app.words.console import listed, value_text
from data.catalogue import text

MOST_PLACES, SHOWN_VILLAGES = 400, 4


def verdict_blocks(found: Compliance, tables: PlanTables, language: str) -> Iterator[Block]:
    """The verdict with its counts, and the map by what is broken."""
    yield Paragraph(verdict_line(found, language), "body" if found.level == "holds" else "warning")
    yield Paragraph(counts_line(found, language))
    shown = compliance_map(found, tables, language)
    png, aspect = plan_map_png(shown)
    yield Picture(png, aspect, shown.title, legend=map_keys(shown), alt=shown.note)
    numbered = listed([f"{k} {name_text(name)}" for k, name in enumerate(shown.ground.area_names, start=1)], language)
    yield Paragraph(shown.note, "note")
    yield Paragraph(text("report_map_districts", language, districts=numbered), "note")
    if whole := whole_plan_lines(found, tables):
        names = [line.rule.label[language] for line in whole]
        yield Paragraph(text("compliance_whole_plan", language, rules=names))


def clause_blocks(found: Compliance, language: str) -> Iterator[Block]:
    """Every clause: verdict, value, limit, by how much, where."""
    yield Heading(text("compliance_all_title", language), 2)
    names = ("rule", "mode")
    header = [text(f"report_rule_column_{name}", language) for name in names]
    header += [text("compliance_column_verdict", language)]
    header += [text(f"report_rule_column_{name}", language) for name in ("measured", "limit")]
    header += [text(f"compliance_column_{name}", language) for name in ("beyond", "where")]
    rows = tuple(_clause_row(line, language) for line in found.lines)
    strong = frozenset(k for k, line in enumerate(found.lines) if line in found.broken)
    yield Table(tuple(header), rows, "lllrrrl", (2.9, 1.25, 1.5, 1.6, 1.8, 1.6, 2.5), strong=strong)


def _clause_row(line: Line, language: str) -> tuple[str, ...]:
    item = line.finding
    return (
        line.rule.label[language],
        text(f"mode_{line.scope}", language),
        text(f"verdict_word_{line.verdict}", language),
        value_text(None if item is None else item.measured, line.rule.unit, language),
        limit_text_of(line.finding, language),
        beyond_text(line, language),
        where_text(line, language, most=SHOWN_VILLAGES),
    )


def basis_blocks(found: Compliance, language: str, *, all_lines: bool) -> Iterator[Block]:
    """Where the clauses are written, what they ask for, and how sure their limits are; of all or of broken ones."""
    lines = list(found.lines) if all_lines else found.broken
    if not lines:
        return
    yield Heading(text("compliance_clauses_title", language), 2)
    header = [text(f"compliance_column_{name}", language) for name in ("clause", "demand", "basis")]
    header.append(text("report_rule_column_rule", language))
    rows = tuple(
        (
            line.clause.article(language),
            line.clause.demand(language),
            basis_text(found, line, language),
            line.rule.label[language],
        )
        for line in lines
    )
    yield Table(tuple(header), rows, "llll", (4.0, 4.0, 2.0, 2.2), small=True)
    yield Paragraph(text("compliance_clauses_note", language), "note")


def exception_blocks(found: Compliance, language: str) -> Iterator[Block]:
    """Every exception with reason, name and role, and where it stands."""
    yield Heading(text("compliance_exceptions_title", language), 2)
    if not found.exceptions:
        yield Paragraph(text("compliance_no_exceptions", language))
        return
    labels = {line.rule.name: line.rule.label[language] for line in found.lines}
    header = [text("compliance_column_number", language)]
    header += [text(f"report_rule_column_{name}", language) for name in ("rule", "villages")]
    header += [text(f"compliance_column_{name}", language) for name in ("reason", "person", "granted", "standing")]
    rows = tuple(
        (
            str(number),
            labels.get(item.rule, item.rule),
            listed([name_text(name) for name in item.villages], language) or text("compliance_whole_rule", language),
            item.reason,
            listed([name_text(item.name), name_text(item.role)], language),
            item.granted or "-",
            text(f"standing_{standing}", language),
        )
        for number, (item, standing) in enumerate(found.exceptions, start=1)
    )
    yield Table(tuple(header), rows, "lllllll", (0.6, 2.0, 1.4, 3.2, 1.7, 1.6, 1.9))
    yield Paragraph(text("compliance_exceptions_note", language), "note")


def place_blocks(found: Compliance, tables: PlanTables, language: str) -> Iterator[Block]:
    """The villages that each broken rule is about."""
    frame = places_frame(found, tables)
    if frame.empty:
        return
    labels = {line.rule.name: line.rule.label[language] for line in found.lines}
    yield PageBreak()
    yield Heading(text("compliance_places_title", language), 2)
    if len(frame) > MOST_PLACES:
        yield Paragraph(text("compliance_places_more", language, n=MOST_PLACES, all=len(frame)), "note")
    header = [text("report_rule_column_rule", language), text("compliance_column_how", language)]
    header += [
        text(f"report_village_{name}", language) for name in ("village", "name", "district", "start", "intensity")
    ]
    header += [text("compliance_column_excepted", language)]
    rows = tuple(
        (
            labels[row["rule"]],
            text(f"how_{row['how']}", language),
            name_text(row["village_id"]),
            name_text(row["name"]),
            name_text(row["district"]),
            str(row["start_year"]) if row["start_year"] else text("map_kept", language),
            text(f"word_{row['intensity']}", language) if row["start_year"] else "-",
            text("answer_yes" if row["excepted"] else "answer_no", language),
        )
        for row in frame.head(MOST_PLACES).to_dict(orient="records")
    )
    yield Table(tuple(header), rows, "llllllll", (2.4, 2.2, 1.1, 1.8, 1.3, 0.9, 1.4, 0.8), small=True)
