"""Chapters on what the numbers rest on: assumptions, limits of the model, provenance, annexes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from agents.policy.policy_files import SHIPPED, read_policy
from app.record.printed import record_lines
from app.record.replanning_text import replanned_text
from app.record.verification import kept_actuals_file
from app.report.document import Block, Bullets, Heading, PageBreak, Paragraph, Table, name_text
from app.report.subject import Subject
from app.runs.record import RunRecord
from app.runs.title import run_label
from app.studies.tornado_text import WIDEST, swing_text
from app.words.console import unit_text
from data.parameter import letter_texts
from envs.kernel.indicators.registry import INDICATORS
from envs.parameter_sensitivity import Bar
from optimizers.algorithms.request import DEFAULT_ALGORITHM

LIMITS = ("screening", "gravity", "access", "money", "people", "search")


def assumptions(subject: Subject) -> Iterator[Block]:
    """How many, how sure, which were changed, and which move the objectives most."""
    yield PageBreak()
    yield Heading(subject.say("report_assumptions"))
    book = subject.tables.resolved.book
    letters = subject.say("clause_separator").join(letter_texts(book.letter_counts(), subject.language))
    yield Paragraph(subject.say("report_assumptions_line", n=len(book.facts), letters=letters))
    changed = sorted(key for key in book.changed if not book[key].same_as)
    if changed:
        yield Paragraph(subject.say("report_changed", n=len(changed)))
        rows = tuple(_parameter_row(subject, key) for key in changed)
        yield Table(_parameter_header(subject), rows, "llrllll", _PARAMETER_WIDTHS, small=True)
    else:
        yield Paragraph(subject.say("report_unchanged"))
    yield Heading(subject.say("report_tornado"), 2)
    yield from _tornado(subject)


_PARAMETER_WIDTHS = (3.0, 3.3, 1.5, 1.8, 1.7, 0.7, 3.6)


def _parameter_header(subject: Subject) -> tuple[str, ...]:
    names = ("label", "key", "value", "unit", "range", "confidence", "source")
    return tuple(subject.say(f"report_parameter_{name}") for name in names)


def _parameter_row(subject: Subject, key: str) -> tuple[str, ...]:
    entry = subject.tables.resolved.book[key]
    label = entry.label_zh if subject.language == "zh" else entry.label_en
    spread = "-" if entry.low is None or entry.high is None else f"{entry.low:g} … {entry.high:g}"
    year = f" ({entry.year})" if entry.year else ""
    unit = unit_text(entry.unit, subject.language)
    return (label, key, entry.value_text, unit, spread, entry.confidence, entry.source + year)


def _tornado(subject: Subject) -> Iterator[Block]:
    """The parameters that move each objective most, one at a time over their ranges."""
    tornado = subject.tornado
    if tornado is None or not tornado.effects:
        yield Paragraph(subject.say("report_tornado_absent"))
        return
    yield Paragraph(subject.say("report_tornado_line", n=len(tornado.effects), all=tornado.n_ranged))
    if not tornado.complete:
        yield Paragraph(subject.say("report_tornado_partial"), "warning")
    for name in subject.objectives:
        bars = [bar for bar in tornado.bars(name) if bar.swing > 0.0][:WIDEST]
        rows = tuple(_bar_row(subject, name, bar) for bar in bars)
        keys = ("label", "ends", "at_low", "at_high", "swing")
        header = tuple(subject.say(f"report_tornado_{key}") for key in keys)
        at = subject.shown(name, tornado.base.outcomes[name])
        caption = subject.say("report_tornado_caption", objective=subject.label(name), value=at)
        yield Table(header, rows, "llrrr", (4, 3, 2, 2, 2), caption, small=True)


def _bar_row(subject: Subject, name: str, bar: Bar) -> tuple[str, ...]:
    entry = subject.tables.resolved.book[bar.key]
    label = entry.label_zh if subject.language == "zh" else entry.label_en
    invalid = " *" if bar.n_broken else ""
    return (
        f"{label}{invalid}",
        f"{bar.low:g} … {bar.high:g} {unit_text(entry.unit, subject.language)}",
        subject.shown(name, bar.at_low),
        subject.shown(name, bar.at_high),
        swing_text(bar.swing, INDICATORS[name].unit, subject.language),
    )


def limits(subject: Subject) -> Iterator[Block]:
    """What the model cannot say, and the known bias of every indicator."""
    yield Heading(subject.say("report_limits"))
    yield Bullets(tuple(subject.say(f"report_limit_{name}") for name in LIMITS))
    alike: dict[str, list[str]] = {}
    for item in INDICATORS.values():
        alike.setdefault(item.bias_in(subject.language), []).append(item.label[subject.language])
    rows = tuple((subject.listed(labels), bias) for bias, labels in alike.items())
    header = (subject.say("column_indicator"), subject.say("report_bias"))
    yield Table(header, rows, "ll", (2, 5), subject.say("report_biases"), small=True)


def provenance(subject: Subject) -> Iterator[Block]:
    """Digests, seed, versions, and the command that runs it again."""
    yield Heading(subject.say("report_provenance"))
    record, resolved = subject.run.record, subject.tables.resolved
    pairs = [
        (subject.say("field_city"), name_text(resolved.city.name)),
        (subject.say("page_scenario"), name_text(resolved.scenario.name)),
        (subject.say("plan"), name_text(subject.plan_id)),
        (subject.say("run"), name_text(run_label(subject.run.folder, subject.language))),
        *((subject.say(f"report_digest_{name}"), digest) for name, digest in record.digests.pairs()),
        *((subject.say("record_title"), line) for line in record_lines(subject.run, subject.plan_id, subject.language)),
        *(
            (subject.say(f"report_record_{name}"), _recorded(getattr(record, name)))
            for name in ("created", "status", "algorithm", "seed", "threads", "evaluations", "seconds")
            if getattr(record, name) != ""
        ),
        (
            subject.say("report_versions"),
            subject.listed([f"{name_text(name)} {name_text(version)}" for name, version in record.versions.items()]),
        ),
    ]
    yield Table((subject.say("report_what"), subject.say("column_value")), tuple(pairs), "ll", (2, 6), small=True)
    yield Heading(subject.say("report_again"), 2)
    for command in again_commands(subject):
        yield Paragraph(command, "command")
    yield Paragraph(subject.say("report_again_note"), "note")


def _replanned(subject: Subject) -> Iterator[tuple[str, str]]:
    """The plan whose rest was planned again, where one was."""
    if subject.run.record.replanned is not None:
        yield subject.say("replan_title"), replanned_text(subject.run.record.replanned, subject.language)


def _recorded(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else name_text(value)


def again_commands(subject: Subject) -> tuple[str, ...]:
    """Commands that search or plan again from the run folder, and export this plan; files are named without folders."""
    record, folder = subject.run.record, subject.run.folder.name
    city = record.city.embedded or PurePath(str(record.city.path)).name
    options = {
        "--city": city,
        **(_rest_options(record, folder) if record.replanned else {"--scenario": f"{folder}/scenario.yaml"}),
        **(_policy_options(record) if record.is_planned else _search_options(record)),
        "--threads": record.threads,
        "--out": f"{folder}-again",
    }
    words = [word for name, value in options.items() if value is not None for word in (name, str(value)) if word]
    export = ("renewal", "export", "--run", folder, "--plan", subject.plan_id, "--to", f"{subject.plan_id}.csv")
    return shlex.join(("renewal", "plan" if record.is_planned else "optimize", *words)), shlex.join(export)


def _rest_options(record: RunRecord, folder: str) -> dict[str, Any]:
    """Of a rest that was planned again; what had happened is kept in the run's folder."""
    rest = record.replanned
    assert rest is not None
    file = None if rest.actuals is None else f"{folder}/{kept_actuals_file(PurePath(), rest.actuals)}"
    return {"--from": rest.run, "--plan": rest.plan_id, "--year": rest.year, "--actuals": file}


def _search_options(record: RunRecord) -> dict[str, Any]:
    return {
        "--algorithm": record.algorithm,
        "--seed": record.seed,
        "--evaluations": record.evaluations_wanted or record.evaluations,
        "--seed-plans": None if record.replanned else record.seed_plans,
        "--no-policy": None if record.policy or record.algorithm != DEFAULT_ALGORITHM else "",
    }


def _policy_options(record: RunRecord) -> dict[str, Any]:
    """Of `renewal plan`; a policy that does not ship with the project is named by its digest."""
    planned, digest = record.preferences_planned, record.policy
    pairs = zip(record.objectives, *planned[:1], strict=False)
    weights = ",".join("=".join(map(str, pair)) for pair in pairs)
    return {
        "--policy": None if digest is None or digest == read_policy(SHIPPED).digest else f"policy-{digest:.12}",
        "--method": record.algorithm,
        **({"--weights": weights} if len(planned) == 1 else {"--front": len(planned)}),
    }


def annex_villages(subject: Subject) -> Iterator[Block]:
    """Village by village: the decision, and what it costs and brings."""
    plan = subject.tables.schedule()
    yield PageBreak()
    yield Heading(subject.say("report_annex_villages"))
    if plan.empty:
        yield Paragraph(subject.say("report_nothing_renewed"))
        return
    outcomes = subject.tables.village_outcomes().set_index("village_id")
    rows = tuple(
        (
            name_text(row["village_id"]),
            name_text(row["name"]),
            name_text(row["district"]),
            str(row["start_year"]),
            f"{row['completion_year']:g}",
            subject.say(f"word_{row['intensity']}"),
            "-" if row["intensity"] == "rehabilitate" else subject.say(f"word_{row['land_use']}"),
            "-" if row["intensity"] == "rehabilitate" else f"{row['floor_area_ratio']:.2f}",
            f"{row['facility_ratio']:.2f}",
            subject.amount(float(outcomes["total_cost_cny"][row["village_id"]])),
            subject.amount(float(outcomes["net_present_value_cny"][row["village_id"]])),
        )
        for row in plan.to_dict(orient="records")
    )
    unit = subject.money[1]
    names = ("village", "name", "district", "start", "completion", "intensity", "land_use", "far", "facility")
    header = (
        *(subject.say(f"report_village_{name}") for name in names),
        *(subject.say(f"report_village_{name}", unit=unit) for name in ("cost", "npv")),
    )
    widths = (1.2, 2.0, 1.4, 0.8, 0.9, 1.5, 2.3, 0.8, 0.9, 1.3, 1.3)
    yield Table(header, rows, "lllrrllrrrr", widths, small=True)


def annex_indicators(subject: Subject) -> Iterator[Block]:
    """Every indicator, with how it is computed."""
    yield PageBreak()
    yield Heading(subject.say("report_annex_indicators"))
    rows = tuple(
        (
            subject.label(name),
            subject.shown(name, value),
            subject.shown(name, subject.base[name]),
            subject.say(f"time_{INDICATORS[name].time}"),
            INDICATORS[name].recipe_in(subject.language),
        )
        for name, value in subject.values.items()
    )
    heads = (
        "report_column_indicator",
        "report_column_plan",
        "report_column_nothing",
        "column_time",
        "report_column_recipe",
    )
    header = tuple(subject.say(key) for key in heads)
    yield Table(header, rows, "lrrll", (2.6, 1.6, 1.6, 0.9, 4.5), small=True)


def annex_parameters(subject: Subject) -> Iterator[Block]:
    """The parameter book."""
    yield PageBreak()
    yield Heading(subject.say("report_annex_parameters"))
    book = subject.tables.resolved.book
    keys = book.facts
    changed = frozenset(k for k, key in enumerate(keys) if key in book.changed)
    rows = tuple(_parameter_row(subject, key) for key in keys)
    yield Paragraph(subject.say("report_parameters_note"), "note")
    yield Table(_parameter_header(subject), rows, "llrllll", _PARAMETER_WIDTHS, small=True, strong=changed)
