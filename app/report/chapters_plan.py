"""Chapters on the plan itself: summary, maps, schedule, money."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from app.charts.colors import EARLIER_COLOR, KEPT_COLOR
from app.charts.plan_map import plan_map
from app.charts.village_map import VillageMap, of_years
from app.plans.agreement_note import agreement_note
from app.plans.measures import money_table, payers_table
from app.plans.phases import phases
from app.plans.rule_table import broken_told_rules, verdict_kind, verdict_text
from app.report.document import Block, Bullets, Gallery, Heading, Key, PageBreak, Paragraph, Picture, Table, name_text
from app.report.pictures import money_colors, money_png, plan_map_png
from app.report.subject import Subject
from app.studies.number_range import ends_text, is_uncertainty
from app.words.console import cell_text, synthetic_text
from app.words.fill_words import fill_header, fill_rows, fills_line
from data.scenario import INTENSITIES

HEADLINE = (
    "total_cost_cny",
    "peak_funding_cny",
    "payback_year",
    "government_npv_cny",
    "displaced_tenants_persons",
    "consent_share",
    "commute_over_60_min_share",
    "service_accessibility_villages",
    "new_floor_area_m2",
    "new_rental_floor_m2",
    "embodied_carbon_tco2e",
)
"""Shown on the summary below the objectives."""
DISTRICT_COLUMNS = (
    "renewed_villages",
    "renewed_area_m2",
    "new_floor_area_m2",
    "displaced_tenants_persons",
    "total_cost_cny",
    "net_present_value_cny",
)


def summary(subject: Subject) -> Iterator[Block]:
    """One page: what the plan does, the headline indicators against doing nothing, what to note."""
    yield Paragraph(_trust(subject), "warning")
    yield Heading(subject.say("report_summary"))
    yield Paragraph(deeds(subject))
    yield Paragraph(_account(subject))
    names = [*subject.objectives, *(name for name in HEADLINE if name not in subject.objectives)]
    rows = [
        (
            subject.label(name),
            subject.shown(name, subject.values[name]),
            subject.shown(name, subject.base[name]),
            subject.change(name),
            ends_text(subject.tornado, subject.run.front, name, subject.language),
        )
        for name in names
    ]
    span = "range" if is_uncertainty(subject.tornado) else "front_range"
    header = tuple(subject.say(f"report_column_{key}") for key in ("indicator", "plan", "nothing", "change", span))
    objectives = frozenset(range(len(subject.objectives)))
    widths = (3.6, 2.0, 2.0, 2.0, 2.6)
    yield Table(header, tuple(rows), "lrrrr", widths, subject.say("report_headline"), strong=objectives)
    yield Paragraph(subject.say("report_headline_note"), "note")
    if is_uncertainty(subject.tornado):
        yield Paragraph(subject.say("glance_range_note"), "note")
    yield Heading(subject.say("report_to_note"), 2)
    yield Bullets(tuple(_to_note(subject)))


def _trust(subject: Subject) -> str:
    """How far to trust the report, and whether its data are synthetic."""
    layers = sorted({name.split(".")[0] for name in subject.tables.resolved.city.synthetic})
    names = subject.listed([subject.say(f"layer_{name}") for name in layers])
    flag = subject.say("report_synthetic", layers=names) if layers else ""
    return subject.say("report_screening") + flag


def deeds(subject: Subject) -> str:
    """What the plan does, in two sentences."""
    tables, values = subject.tables, subject.values
    intensity = tables.plan.intensity[0][tables.renewed_idx]
    count = np.bincount(intensity, minlength=len(INTENSITIES))
    years = tables.resolved.scenario.plan_years
    return subject.say(
        "report_deeds",
        n=len(tables.renewed_idx),
        all=tables.resolved.city.n_villages,
        area=subject.shown("renewed_area_m2", values["renewed_area_m2"]),
        years=years,
        rehabilitated=count[0],
        mixed=count[1],
        rebuilt=count[2],
        new=subject.shown("new_floor_area_m2", values["new_floor_area_m2"]),
        demolished=subject.shown("demolished_floor_m2", values["demolished_floor_m2"]),
    )


def _account(subject: Subject) -> str:
    values = subject.values
    paid = values["payback_year"]
    payback = (
        subject.say("report_pays_back", year=subject.shown("payback_year", paid))
        if math.isfinite(paid)
        else subject.say("report_never_pays_back")
    )
    money = subject.say(
        "report_account",
        cost=subject.shown("total_cost_cny", values["total_cost_cny"]),
        peak=subject.shown("peak_funding_cny", values["peak_funding_cny"]),
        payback=payback,
    )
    people = subject.say(
        "report_people",
        tenants=subject.shown("displaced_tenants_persons", values["displaced_tenants_persons"]),
        registered=subject.shown("displaced_registered_persons", values["displaced_registered_persons"]),
        before=subject.shown("population_before_persons", values["population_before_persons"]),
        after=subject.shown("population_after_persons", values["population_after_persons"]),
    )
    return f"{money} {people}" if subject.language == "en" else money + people


def _to_note(subject: Subject) -> Iterator[str]:
    scores, findings = subject.scores, subject.findings
    if scores:
        yield subject.say("report_targets_met", met=sum(score.met for score in scores), n=len(scores))
    yield verdict_text(findings, subject.language)
    if note := agreement_note(subject.tables.resolved.scenario, subject.values, subject.language):
        yield note
    told = broken_told_rules(findings)
    if told and verdict_kind(findings) == "broken":
        names = [item.label[subject.language] for item in findings if item.rule in told]
        yield subject.say("report_soft_broken", rules=subject.listed(names))
    resolved = subject.tables.resolved
    yield subject.say("report_estimates", n=len(resolved.book.estimates), all=len(resolved.book.facts))


def maps(subject: Subject) -> Iterator[Block]:
    """The whole plan on a map, then phase by phase."""
    city = subject.tables.resolved.city
    shown = plan_map(subject.tables, subject.language)
    yield PageBreak()
    yield Heading(subject.say("report_maps"))
    yield map_picture(shown, subject.say("report_map_whole"), map_keys(shown))
    numbered = subject.listed([f"{k} {name_text(name)}" for k, name in enumerate(city.districts, start=1)])
    yield Paragraph(subject.say("report_map_districts", districts=numbered), "note")
    start = subject.tables.plan.start_year[0]
    begun = [phase for phase in phases(subject.tables.resolved.scenario.plan_years) if phase.begins(start).any()]
    if len(begun) < 2:
        return
    earlier = (subject.say("report_earlier"), EARLIER_COLOR)
    pictures = [
        map_picture(
            of_years(shown, phase.first, phase.last, earlier=earlier),
            subject.say("report_phase", first=phase.first, last=phase.last, n=int(phase.begins(start).sum())),
        )
        for phase in begun
    ]
    yield Heading(subject.say("report_phases"), 2)
    later = Key("●", KEPT_COLOR, subject.say("report_later"))
    yield Gallery(tuple(pictures), 2, (*map_keys(shown)[1:], Key("●", EARLIER_COLOR, earlier[0]), later))


def map_keys(shown: VillageMap) -> tuple[Key, ...]:
    """The legend of a map."""
    return tuple(Key("●", item.color, item.label) for item in shown.classes)


def map_picture(shown: VillageMap, title: str, legend: tuple[Key, ...] = ()) -> Picture:
    """A map without words on it."""
    png, aspect = plan_map_png(shown)
    return Picture(png, aspect, title, legend=legend, alt=title)


def schedule(subject: Subject) -> Iterator[Block]:
    """By year and by district; villages one by one stand in the annex."""
    yield PageBreak()
    yield Heading(subject.say("report_schedule"))
    plan = subject.tables.schedule()
    if plan.empty:
        yield Paragraph(subject.say("report_nothing_renewed"))
        return
    flow = subject.tables.cash_flow_by_year()
    cost = money_table(subject.tables).filter(like="cost_").sum(axis=1)
    last = int(max(plan["start_year"].max(), plan["completion_year"].max()))
    rows = [
        (
            str(year),
            str(int((plan["start_year"] == year).sum())),
            str(int((plan["completion_year"] == year).sum())),
            subject.amount(-float(cost.iloc[year])),
            subject.amount(float(flow["net_cash_flow_cny"].iloc[year])),
            subject.amount(float(flow["cumulative_cny"].iloc[year])),
        )
        for year in range(last + 1)
    ]
    unit = subject.money[1]
    names = ("year", "begun", "completed", "cost", "net", "cumulative")
    header = tuple(subject.say(f"report_column_{name}", unit=unit) for name in names)
    yield Table(header, tuple(rows), "rrrrrr", (1, 1.3, 1.3, 2, 2, 2), subject.say("report_by_year"))
    yield _by_district(subject)
    yield Paragraph(subject.say("report_schedule_note"), "note")


def _by_district(subject: Subject) -> Table:
    frame = subject.tables.by_district()
    frame = frame[frame["renewed_villages"] > 0]
    rows = [
        (name_text(line["district"]), *(_cell(subject, name, line[name]) for name in DISTRICT_COLUMNS))
        for line in frame.to_dict(orient="records")
    ]
    total = (_cell(subject, name, subject.values[name]) for name in DISTRICT_COLUMNS)
    header = (
        subject.say("column_district"),
        *(f"{subject.label(name)} [{subject.scale(name)[1]}]" for name in DISTRICT_COLUMNS),
    )
    rows.append((subject.say("report_total"), *total))
    return Table(
        header, tuple(rows), "lrrrrrr", (1.7, 1.6, 2, 2, 1.8, 1.8, 2),
        subject.say("report_by_district"), strong=frozenset({len(rows) - 1}),
    )  # fmt: skip


def _cell(subject: Subject, name: str, value: float) -> str:
    """A value for a column whose head names the unit."""
    return cell_text(value / subject.scale(name)[0], 2 if name.endswith("_cny") else 0)


def money(subject: Subject) -> Iterator[Block]:
    """The cash flow as chart and table, peak and payback, who pays and who gets."""
    yield PageBreak()
    yield Heading(subject.say("report_money"))
    values, (factor, unit) = subject.values, subject.money
    names = ("net_present_value_cny", "total_cost_cny", "max_annual_cost_cny", "peak_funding_cny", "payback_year",
             "internal_rate_of_return", "return_on_cost_ratio", "loan_cover_ratio")  # fmt: skip
    rows = tuple((subject.label(name), subject.shown(name, values[name])) for name in names)
    header = (subject.say("report_column_indicator"), subject.say("report_column_plan"))
    yield Table(header, rows, "lr", (3, 2))
    table = money_table(subject.tables)
    groups = [name for name in table.columns if name not in ("year", "net", "cumulative")]
    png, aspect = money_png(table, factor)
    legend = (
        *(Key("■", color, subject.say(f"flow_{name}")) for name, color in money_colors(groups).items()),
        Key("—", "#000000", subject.say("flow_net")),
        Key("--", "#000000", subject.say("flow_cumulative")),
    )
    yield Picture(
        png,
        aspect,
        subject.say("report_money_chart"),
        vertical=subject.say("report_money_axis", unit=unit),
        horizontal=subject.say("programme_year"),
        legend=legend,
        alt=subject.say("report_money_alt", peak=subject.shown("peak_funding_cny", values["peak_funding_cny"])),
    )
    payers = tuple((subject.label(name), subject.shown(name, value)) for name, value in payers_table(values))
    yield Table(header, payers, "lr", (3, 2), subject.say("who_pays"))
    yield Paragraph(subject.say("who_pays_help"), "note")
    columns = (subject.say("report_column_year"), *(subject.say(f"flow_{name}") for name in table.columns.drop("year")))
    lines = tuple(
        (str(int(line[0])), *(subject.amount(float(value)) for value in line[1:])) for line in table.to_numpy()
    )
    widths = (0.8, *[1.6] * (len(columns) - 1))
    yield Table(columns, lines, "r" * len(columns), widths, subject.say("report_money_by_year", unit=unit), small=True)


def data_notes(subject: Subject) -> Iterator[Block]:
    """What is synthetic, in the words it was recorded in, and what an import filled in."""
    notes = synthetic_text(subject.tables.resolved.city.synthetic, subject.language)
    if notes:
        yield Heading(subject.say("report_data_notes"), 2)
        yield Paragraph(subject.say("report_data_notes_help"), "note")
        yield Bullets(tuple(" ".join(note.split()) for note in notes.replace("\n  ", " ").splitlines()))
    city = subject.tables.resolved.city
    if city.fills:
        yield Heading(subject.say("report_fills"), 2)
        yield Paragraph(fills_line(city, subject.language), "note")
        rows = tuple(fill_rows(city, subject.language))
        yield Table(tuple(fill_header(subject.language)), rows, "lllll", (1.6, 3.2, 2.4, 5.0, 1.2), small=True)
