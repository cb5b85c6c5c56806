"""What `renewal people effects` says: who gains and loses, efficiency, equity and care, and what averages hide."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.people.effects_hidden import hidden_losses
from app.people.effects_of_plan import PlanEffects, estimates_behind
from app.people.effects_parts import DIVISIONS, NamedParts, named_parts, renting_parts
from app.people.portrait_tables import TextTable
from app.words.console import COLUMNS, filled, listed, table_text
from data.arrays import TextArray
from data.catalogue import text
from data.city import City
from data.parameter_book import Book
from envs.people.effects.effects import Effects, Flows
from envs.people.effects.parts import Parts

MOST_FLOWS = 8
LEAST_TOLD_SHARE = 0.01


def effects_text(shown: PlanEffects, out: Path, language: str) -> str:
    """The whole answer."""
    effects, city = shown.effects, shown.model.city
    tables = [
        f"{table.title}\n{table_text(table.header, table.rows, header_width=16)}"
        for table in effects_tables(effects, city, language).values()
    ]
    notes = [
        *three_sides(effects, language),
        *_of_villages(effects, city, language),
        text("effects_note", language),
        f"{effects_letters(shown.model.book, language)} {text('effects_letters_file', language)}",
        text("people_synthetic", language),
    ]
    head = text(
        "effects_headline",
        language,
        plan=shown.plan_id,
        year=effects.year,
        n=effects.n_households,
        seed=effects.seed,
    )
    said = ("\n".join(filled(note, COLUMNS)) for note in notes)
    return "\n\n".join([str(out), head, *tables, *said])


def _of_villages(effects: Effects, city: City, language: str) -> tuple[str, ...]:
    """What is said of the residents of villages, where there are any."""
    if not effects.residents.persons[0] > 0.0:
        return ()
    return (worst_off_text(effects, language), *hidden_losses(effects, city, language), types_text(effects, language))


def effects_tables(effects: Effects, city: City, language: str, strength: float = 1.0) -> dict[str, TextTable]:
    """By group, fate, district, income tenth (DIVISIONS); moves, rents, the largest flows; none that would be empty.

    Args:
        effects: of a plan.
        city: whose places.
        language: en or zh.
        strength: how many times the care weights' excess over 1 is taken.
    """
    shown = named_parts(effects, city, language)
    tables = {name: _gains(name, shown[name], language, strength) for name in DIVISIONS} | {
        "moves": _moves_table(shown["fates"][0], language),
        "rents": _rents(renting_parts(shown), language),
        "flows": _flow_table(effects.flows, city, language),
    }
    return {name: table for name, table in tables.items() if table.rows}


def three_sides(effects: Effects, language: str, strength: float = 1.0) -> tuple[str, ...]:
    """Efficiency, equity and care, a sentence each; one alone where nobody lives in the villages.

    Args:
        effects: of a plan.
        language: en or zh.
        strength: how many times the care weights' excess over 1 is taken.
    """
    residents = effects.residents
    if not residents.persons[0] > 0.0:
        return (text("effects_nobody", language),)
    return (
        text(
            "effects_efficiency",
            language,
            mean=float(residents.mean_cny_per_yr[0]),
            city=float(effects.city.mean_cny_per_yr[0]),
        ),
        text(
            "effects_equity",
            language,
            worst=float(residents.worst_tenth_cny_per_yr[0]),
            before=effects.gini_before,
            change=effects.gini_change,
        ),
        text(
            "effects_care",
            language,
            care=float(residents.care_cny_per_yr(strength)[0]),
            weight=1.0 + strength * float(residents.care_excess[0]),
        ),
    )


def worst_off_text(effects: Effects, language: str) -> str:
    """Who the worst-off tenth are, most first; whoever is less than one in a hundred is left out."""
    persons = effects.worst_off_persons
    share = persons / max(float(persons.sum()), 1.0)
    names = [text(f"effects_fate_{name}", language) for name in effects.fates.names]
    order = [k for k in np.argsort(-share, kind="stable").tolist() if share[k] >= LEAST_TOLD_SHARE]
    who = listed((f"{names[k]} {_percent(share[k])}" for k in order), language)
    return text("effects_worst_off", language, who=who)


def types_text(effects: Effects, language: str) -> str:
    """What the evaluator says without drawing anybody."""
    by_types = effects.by_types
    return text(
        "effects_types",
        language,
        mean=by_types["mean_wellbeing_change_cny_per_yr"],
        losers=100.0 * by_types["losers_share"],
        worst=by_types["worst_tenth_wellbeing_cny_per_yr"],
    )


def effects_letters(book: Book, language: str) -> str:
    """How many of the values behind it are estimates."""
    keys, whole = estimates_behind(book)
    return text("effects_letters", language, n=len(keys), whole=whole)


def _gains(name: str, blocks: Sequence[NamedParts], language: str, strength: float) -> TextTable:
    """Who gains and who loses, a row for each part that has somebody."""
    rows = [row for labels, parts in blocks for row in _gain_rows(labels, parts, strength)]
    columns = ("part", "persons", "winners", "losers", "mean", "median", "worst", "care")
    return _table(name, columns, rows, language)


def _gain_rows(labels: Sequence[str], parts: Parts, strength: float) -> Iterator[tuple[str, ...]]:
    care = parts.care_cny_per_yr(strength)
    for k in np.flatnonzero(parts.persons > 0.0).tolist():
        amounts = (parts.mean_cny_per_yr[k], parts.median_cny_per_yr[k], parts.worst_tenth_cny_per_yr[k], care[k])
        yield (
            labels[k],
            f"{parts.persons[k]:,.0f}",
            _percent(parts.winners_share[k]),
            _percent(parts.losers_share[k]),
            *(f"{amount:+z,.0f}" for amount in amounts),
        )


def _moves_table(block: NamedParts, language: str) -> TextTable:
    """How far and how long those who left are away, and what they are offered."""
    labels, parts = block
    rows = [
        (
            labels[k],
            f"{parts.persons[k]:,.0f}",
            _amount(parts.moved_km[k], "{:.1f}"),
            _amount(parts.away_yr[k], "{:.1f}"),
            _amount(parts.offer_worth_cny[k], "{:,.0f}"),
            _amount(parts.home_worth_cny[k], "{:,.0f}"),
        )
        for k in np.flatnonzero(~np.isnan(parts.away_yr)).tolist()
    ]
    return _table("moves", ("part", "persons", "km", "years", "offer", "home"), rows, language)


def _amount(value: float, how: str) -> str:
    return "-" if math.isnan(value) else how.format(value)


def _rents(blocks: Sequence[NamedParts], language: str) -> TextTable:
    """Rents and burdens of the parts that rent."""
    rows = [
        (
            labels[k],
            f"{parts.rent_before_cny_per_month[k]:,.0f}",
            f"{parts.rent_after_cny_per_month[k]:,.0f}",
            _percent(parts.rent_burden_before[k]),
            _percent(parts.rent_burden_after[k]),
        )
        for labels, parts in blocks
        for k in np.flatnonzero(~np.isnan(parts.rent_before_cny_per_month)).tolist()
    ]
    return _table("rents", ("part", "rent_before", "rent_after", "burden_before", "burden_after"), rows, language)


def _flow_table(flows: Flows, city: City, language: str) -> TextTable:
    """The pairs of village and zone with most movers."""
    order = np.argsort(-(flows.registered + flows.tenants), kind="stable")[:MOST_FLOWS].tolist()
    rows = [
        (
            _place(city.villages.name, city.villages.village_id, int(flows.village_idx[k])),
            _place(city.zones.name, city.zones.zone_id, int(flows.zone_idx[k])),
            f"{flows.registered[k]:,.0f}",
            f"{flows.tenants[k]:,.0f}",
        )
        for k in order
    ]
    return _table("flows", ("from", "to", "registered", "tenants"), rows, language)


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"


def _place(names: TextArray, ids: TextArray, position: int) -> str:
    return str(names[position]) or str(ids[position])


def _table(name: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> TextTable:
    header = tuple(text(f"effects_column_{column}", language) for column in columns)
    return TextTable(text(f"effects_table_{name}", language), header, tuple(rows))
