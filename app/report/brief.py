"""The brief on one plan: what a decider reads on one page, described once for every format."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from app.charts.plan_map import plan_map
from app.people.effects_hidden import hidden_by_types
from app.plans.agreement_note import agreement_note
from app.plans.glance import phase_money, verdict
from app.plans.phases import PHASES
from app.report.chapters_judgment import lettered_plans
from app.report.chapters_plan import deeds, map_keys, map_picture
from app.report.document import Picture, Table, name_text
from app.report.subject import Subject
from app.studies.number_range import range_text
from app.words.city_name import city_name, scenario_name
from app.words.console import area_scale, cell_text, money_scale, said_of, synthetic_layer_names
from app.words.target_text import target_text
from envs.kernel.indicators.registry import INDICATORS

N_NUMBERS, N_FLAGS, N_ALTERNATIVES = 5, 3, 3
MOST_OBJECTIVES = 3
FURTHER = ("total_cost_cny", "displaced_tenants_persons", "peak_funding_cny", "consent_share", "new_floor_area_m2")
"""Numbers that follow the first objectives."""
LOSSES = ("government_npv_cny", "developer_npv_cny")
LEVEL_COLORS = {"holds": "#1b7f4b", "told": "#b26a00", "broken": "#b5361c"}
GRAVE, MILD = LEVEL_COLORS["broken"], LEVEL_COLORS["told"]


@dataclass(frozen=True)
class Number:
    """One of the numbers.

    Attributes:
        label: what it is.
        value: with its unit.
        span: its range.
        change: against doing nothing.
    """

    label: str
    value: str
    span: str
    change: str


@dataclass(frozen=True)
class Flag:
    """Something that is wrong with the plan, or with what is known of it."""

    text: str
    color: str


@dataclass(frozen=True)
class Brief:
    """A brief.

    Attributes:
        title: names the plan.
        subtitle: city, scenario, run.
        language: en or zh.
        deeds: what the plan does.
        numbers: the five.
        picture: the map by phase, with its legend; without a title.
        map_note: what the numbers on the map are.
        phases: phase by phase, what begins and who pays.
        verdict: the judgment in a sentence, and its color.
        flags: the three.
        alternatives: this plan, three others and doing nothing.
        notes: how far to trust it, and where it comes from.
    """

    title: str
    subtitle: str
    language: str
    deeds: str
    numbers: tuple[Number, ...]
    picture: Picture
    map_note: str
    phases: Table
    verdict: Flag
    flags: tuple[Flag, ...]
    alternatives: Table
    notes: tuple[str, ...]


def plan_brief(subject: Subject) -> Brief:
    """The brief on a plan."""
    resolved = subject.tables.resolved
    city, scenario = (
        name_text(city_name(resolved.city.name, subject.language)),
        name_text(scenario_name(resolved.scenario, subject.language)),
    )
    shown = plan_map(subject.tables, subject.language)
    judged = verdict(subject.tables, subject.findings, subject.scores, subject.language)
    numbered = [f"{k} {name_text(name)}" for k, name in enumerate(resolved.city.districts, start=1)]
    return Brief(
        title=subject.say("brief_title", plan=name_text(subject.plan_id), city=city),
        subtitle=subject.say(
            "report_subtitle", city=city, scenario=scenario, run=name_text(subject.run.folder.name),
            created=name_text(subject.run.record.created[:10]),
        ),
        language=subject.language,
        deeds=deeds(subject),
        numbers=tuple(_number(subject, name) for name in number_names(subject)),
        picture=map_picture(shown, subject.say("report_map_whole"), map_keys(shown)),
        map_note=subject.say("report_map_districts", districts=subject.listed(numbered)),
        phases=_phases(subject),
        verdict=Flag(subject.say(f"glance_{judged.level}"), LEVEL_COLORS[judged.level]),
        flags=tuple(flag for flag, _ in zip(flags(subject), range(N_FLAGS), strict=False)),
        alternatives=_alternatives(subject),
        notes=_notes(subject),
    )  # fmt: skip


def number_names(subject: Subject) -> list[str]:
    """Indicators whose numbers stand in the brief."""
    names = dict.fromkeys([*subject.objectives[:MOST_OBJECTIVES], *FURTHER])
    return list(names)[:N_NUMBERS]


def _number(subject: Subject, name: str) -> Number:
    return Number(
        label=subject.label(name),
        value=subject.shown(name, subject.values[name]),
        span=range_text(subject.tornado, subject.run.front, name, subject.language),
        change=subject.say("brief_change", change=subject.change(name)),
    )


def flags(subject: Subject) -> Iterator[Flag]:
    """What is wrong, the gravest first; at least three things are always to be said."""
    judged = verdict(subject.tables, subject.findings, subject.scores, subject.language)
    mode = subject.say("mode_hard")
    broken = [(item, GRAVE if item.mode == mode else MILD) for item in judged.breaches]
    lines = [
        Flag(subject.say("brief_breach", rule=item.label, mode=item.mode, comparison=item.comparison), color)
        for item, color in broken
    ]
    yield from (line for line in lines if line.color == GRAVE)
    for score in judged.targets:
        if not score.met:
            output = subject.shown(score.target.indicator, score.output)
            yield Flag(
                subject.say("brief_missed", target=target_text(score.target, subject.language), output=output), MILD
            )
    yield from (line for line in lines if line.color == MILD)
    if hidden := hidden_by_types(subject.values, subject.language):
        yield Flag(hidden, MILD)
    yield from _losses(subject)
    if note := agreement_note(subject.tables.resolved.scenario, subject.values, subject.language):
        yield Flag(note, MILD)
    book = subject.tables.resolved.book
    if layers := synthetic_layer_names(subject.tables.resolved.city.synthetic, subject.language):
        yield Flag(subject.say("brief_synthetic", layers=layers), MILD)
    if subject.tornado is None or not subject.tornado.complete:
        yield Flag(subject.say("brief_range_unknown"), MILD)
    yield Flag(subject.say("brief_estimates", n=len(book.estimates), all=len(book.facts)), MILD)
    yield Flag(subject.say("report_screening"), MILD)


def _losses(subject: Subject) -> Iterator[Flag]:
    """Objectives that the plan makes worse than doing nothing, who is pushed out, who loses money."""
    for name in subject.objectives:
        item, change = INDICATORS[name], subject.values[name] - subject.base[name]
        if math.isfinite(change) and (change < 0.0 if item.sense == "max" else change > 0.0):
            yield Flag(
                subject.say("brief_worse", indicator=subject.label(name), change=subject.change(name)), MILD
            )  # fmt: skip
    tenants = subject.values["displaced_tenants_persons"]
    if tenants >= 1.0:
        shown = subject.shown("displaced_tenants_persons", tenants)
        yield Flag(subject.say("brief_tenants", tenants=shown), MILD)
    for name in LOSSES:
        if subject.values[name] < 0.0 and name not in subject.objectives:
            shown = subject.shown(name, subject.values[name])
            yield Flag(subject.say("brief_loses", indicator=subject.label(name), value=shown), MILD)


def _phases(subject: Subject) -> Table:
    """Rows of years, villages, new floor and money; a column for each phase."""
    frame = phase_money(subject.tables)
    factor, unit = money_scale("CNY", subject.language)
    floor_m2, floor_unit = area_scale("m2", subject.language)
    heads = [subject.say(f"phase_{name}" if name in PHASES else "glance_after") for name in frame["phase"]]
    years = [_years(first, last) for first, last in zip(frame["first_year"], frame["last_year"], strict=True)]
    money = {"government": "cost_government", "developer": "cost_developer", "income": "income", "net": "net"}
    rows = [
        (subject.say("glance_years"), *years),
        (subject.say("glance_villages"), *(str(n) for n in frame["villages"])),
        (subject.say("brief_floor", unit=floor_unit), *_cells(frame["new_floor_area_m2"] / floor_m2)),
        *(
            (subject.say("brief_money", what=subject.say(f"glance_{label}"), unit=unit), *_cells(frame[key] / factor))
            for label, key in money.items()
        ),
    ]
    return Table(
        ("", *heads), tuple(rows), "l" + "r" * len(heads), (2.6, *[1.0] * len(heads)), subject.say("brief_phases")
    )


def _cells(values: object) -> list[str]:
    return [cell_text(float(value), 1) for value in values]  # type: ignore[attr-defined]


def _years(first: int, last: int) -> str:
    first = max(first, 1)
    return str(first) if first == last else f"{first}-{last}"


def _alternatives(subject: Subject) -> Table:
    """The plan, the first lettered alternatives of the report, and doing nothing, by the five numbers."""
    names = number_names(subject)
    front = subject.front.front.set_index("plan_id")
    others = [(plan_id, *about) for plan_id, about in lettered_plans(subject).items() if about[0]][:N_ALTERNATIVES]
    rows = [
        (subject.say("report_this_plan", plan=name_text(subject.plan_id)),
         *(subject.shown(name, subject.values[name]) for name in names)),
        *((said_of(f"{letter} {name_text(plan_id)}", subject.listed(marks), subject.language),
           *(subject.shown(name, float(front[name][plan_id])) for name in names))
          for plan_id, letter, marks in others),
        (subject.say("report_keep"), *(subject.shown(name, subject.base[name]) for name in names)),
    ]  # fmt: skip
    header = (subject.say("report_column_alternative"), *(subject.label(name) for name in names))
    return Table(
        header, tuple(rows), "l" + "r" * len(names), (2.2, *[1.2] * len(names)), subject.say("brief_alternatives"),
        strong=frozenset({0}),
    )  # fmt: skip


def _notes(subject: Subject) -> tuple[str, ...]:
    digests = subject.run.record.digests
    shown = subject.listed([f"{name} {digest[:12]}" for name, digest in digests.pairs()])
    notes = [subject.say("report_screening"), subject.say("brief_source", digests=shown)]
    if subject.tornado is not None and subject.tornado.complete:
        notes.insert(1, subject.say("glance_range_note"))
    return tuple(notes)
