"""The page of what a planner checks first in the best plan of each preset.

`python docs/planner_check.py RUNS` reads the run folders RUNS/PRESET of `renewal optimize --city beijing --scenario
PRESET` and writes docs/planner-check.md and docs/images/planner-prices.svg. Presets that differ in preferences alone
share a run. `make planner-check` searches first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from planner_cells import Row, by_district, by_plan, draw, number, of, per, share
from planner_choice import Choice, read
from planner_verdict import doubts, normal, rests_on, trial

from app.files.atomic import replaced
from app.words.console import value_text
from data.scenario import Intensity, LandUse, RuleMode
from envs.rules.check import TOLD

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "planner-check.md", ROOT / "docs" / "images" / "planner-prices.svg"
HEAD = """# What a planner would check

<!-- made by docs/planner_check.py from runs: `make planner-check` searches and writes it again -->

For each preset one plan of the embedded Beijing: what it builds and sells, what it does to prices, rents and
tenants, what it pays and which rules it breaks. The city is partly synthetic. This is screening, not appraisal.

Each plan is the best of its run: among the valid plans of the front, the one with the largest sum of objectives.
Each objective is normalized by the anchors of the run and weighted by the preferences of the preset. A search does not
know preferences: presets with the same bounds and hard rules have one front, of which each takes another plan. The
equations are in [the model and our choices](model-choices.md).
"""


def page(choices: Sequence[Choice]) -> str:
    """The whole page."""
    parts = [HEAD, *chosen(choices), *built(choices), *sold(choices), *prices(choices), *paid(choices)]
    parts += [*people(choices), *aims(choices), *rules(choices), *doubts(choices)]
    parts += [*rests_on(choices[0]), *trial(choices[0]), *normal(choices[0])]
    return "\n".join(parts).rstrip() + "\n"


def chosen(choices: Sequence[Choice]) -> Iterator[str]:
    """Which plans, of which runs."""
    rows: list[Row] = [
        ("plan", lambda c: c.run.plan_ids[c.position]),
        ("valid plans on the front", lambda c: f"{c.run.front['valid'].sum()} of {len(c.run.front)}"),
        ("plans evaluated", lambda c: f"{c.run.record.evaluations:,}"),
        ("algorithm, seed", lambda c: f"{c.run.record.algorithm}, {c.run.record.seed}"),
        ("weighted sum of normalized objectives", lambda c: number(c.score, 3)),
    ]
    yield "## Which plans\n"
    yield from by_plan(choices, rows)


def built(choices: Sequence[Choice]) -> Iterator[str]:
    """Villages by intensity and land use, and floors."""
    rows: list[Row] = [("villages renewed", of("renewed_villages"))]
    rows += [("of them rehabilitated", lambda c: f"{c.n_villages(Intensity.REHABILITATE)}")]
    for intensity, word in ((Intensity.MIXED, "half rebuilt"), (Intensity.REBUILD, "rebuilt")):
        used = [use for use in LandUse if any(c.n_villages(intensity, use) for c in choices)]
        rows += [(f"{word}, {use.replace('_', ' ')}", villages(intensity, use)) for use in used]
    rows += [
        ("first and last start year", lambda c: c.years),
        ("demolished, million m2", of("demolished_floor_m2", 1, 1e6)),
        ("new floor, million m2", of("new_floor_area_m2", 1, 1e6)),
        ("of it for sale", of("new_commodity_floor_m2", 1, 1e6)),
        ("for rent", of("new_rental_floor_m2", 1, 1e6)),
        ("for resettlement", of("resettlement_floor_m2", 1, 1e6)),
        ("for employment", of("new_employment_floor_m2", 1, 1e6)),
        ("collective industry of the villagers", lambda c: number(c.form("industrial").sum(), 1, 1e6)),
        ("facilities, converted ones included", of("facility_floor_m2", 1, 1e6)),
        ("the same per resident of these villages afterwards, m2", lambda c: number(c.facilities_per_resident, 1)),
        ("what the standards ask for, m2", lambda c: number(c.facility_standard, 1)),
        ("mean floor-area ratio of what is rebuilt", lambda c: number(c.floor_area_ratio, 2)),
    ]
    yield "## What they build\n"
    yield from by_plan(choices, rows)


def villages(intensity: Intensity, use: LandUse) -> Callable[[Choice], str]:
    """How many villages have an intensity and a land use, as a cell."""
    return lambda c: f"{c.n_villages(intensity, use)}"


def sold(choices: Sequence[Choice]) -> Iterator[str]:
    """Commodity floor sold a year against the normal of each market."""
    normal = choices[0].districts["normal_sales_m2"][:, 0]
    rows: list[Row] = [
        ("sold in all, million m2", lambda c: number(c.districts["commodity_sold_m2"].sum(), 1, 1e6)),
        ("most in a year, million m2", lambda c: number(c.districts["commodity_sold_m2"].sum(axis=0).max(), 2, 1e6)),
        ("that over the normal of the city", lambda c: number(c.city_sales_ratio.max(), 2)),
        ("years in which the city sells more than its normal", lambda c: f"{(c.city_sales_ratio > 1.0).sum()}"),
        ("largest ratio of a district", lambda c: number(np.nanmax(c.sales_ratio), 2)),
    ]
    yield "## Sales against the market\n"
    yield f"The normal of the city is {number(normal.sum(), 2, 1e6)} million m2 a year, that of a district its part of"
    yield "the stock. What a plan sells comes on top of what others sell: its factor is 1 where it sells nothing.\n"
    yield from by_plan(choices, rows)
    yield "Largest yearly sales of each district over its normal, the year, and the total in million m2. The normal is"
    yield "in 1,000 m2 a year.\n"
    yield from by_district(choices, "normal", [number(m2, 0, 1e3) for m2 in normal], sales_cells)


def sales_cells(choice: Choice) -> list[str]:
    """Largest ratio, its year and the total of every district."""
    total = choice.districts["commodity_sold_m2"].sum(axis=1)
    cells = []
    for ratio, m2 in zip(choice.sales_ratio, total, strict=True):
        cells.append(f"{ratio.max():.2f} in year {ratio.argmax()}; {m2 / 1e6:.2f}" if m2 > 0.0 else "-")
    return cells


def prices(choices: Sequence[Choice]) -> Iterator[str]:
    """Sale prices and rents."""
    rows: list[Row] = [
        ("lowest price factor of a district", lambda c: number(c.districts["sale_price_factor"].min(), 3)),
        ("lowest of the city, weighted by stock", lambda c: number(c.city_factor("sale_price_factor").min(), 3)),
        ("mean of what is sold", lambda c: number(c.price_received, 3)),
        ("services and density of what is sold", lambda c: number(c.hedonic, 3)),
        ("largest rent factor of a district", lambda c: number(c.districts["rent_factor"].max(), 3)),
        ("largest of the city, weighted by stock", lambda c: number(c.city_factor("rent_factor").max(), 3)),
        ("largest yearly growth of rents in a district", lambda c: share(c.values["rent_growth_per_yr"])),
        ("rent of returning tenants after over before", of("tenant_rent_ratio", 2)),
    ]
    yield "## Prices and rents\n"
    yield "Factors over the base year, real. Growth of prices apart from the plan is that of the book. Services and"
    yield "density of the new housing move its price beside these factors.\n"
    yield from by_plan(choices, rows)
    yield f"![Price factor by district and year, a panel for every plan](images/{PICTURE.name})\n"
    yield "Thin lines are districts whose prices move, the thick one is the city.\n"
    yield "Lowest price factor and largest rent factor of each district. The stock of housing is in million m2.\n"
    stock = choices[0].trace.constants.markets.stock.size
    yield from by_district(choices, "stock", [number(m2, 1, 1e6) for m2 in stock], factor_cells)


def factor_cells(choice: Choice) -> list[str]:
    """Lowest price factor and largest rent factor of every district."""
    lowest, largest = choice.districts["sale_price_factor"].min(axis=1), choice.districts["rent_factor"].max(axis=1)
    return [f"{low:.2f}, {high:.2f}" for low, high in zip(lowest, largest, strict=True)]


def paid(choices: Sequence[Choice]) -> Iterator[str]:
    """Costs, returns, who pays and who gets."""
    rows: list[Row] = [
        ("all costs, bn CNY", of("total_cost_cny", 1, 1e9)),
        ("registered households of rebuilt parts", lambda c: number(c.households)),
        ("all costs per such household, million CNY", lambda c: per(c.values["total_cost_cny"], c.households, 2, 1e6)),
        ("all costs per m2 built, CNY", lambda c: per(c.values["total_cost_cny"], c.values["new_floor_area_m2"])),
        ("cash paid to a household, million CNY", lambda c: per(c.cash_to_villagers, c.households, 2, 1e6)),
        ("floor given to it, less what it pays, million CNY", lambda c: per(c.floor_gained_cny, c.households, 2, 1e6)),
        ("mean multiplier of the cash offered", of("consent_multiplier", 2)),
        ("rebuilt villages whose consent stays below two thirds", of("consent_flagged_villages")),
        ("net present value, bn CNY", of("net_present_value_cny", 1, 1e9)),
        ("return on cost", lambda c: share(c.values["return_on_cost_ratio"])),
        ("internal rate of return", lambda c: share(c.values["internal_rate_of_return"])),
        ("payback, year", of("payback_year")),
        ("peak funding, bn CNY", of("peak_funding_cny", 1, 1e9)),
        ("largest cost of a year, bn CNY", of("max_annual_cost_cny", 1, 1e9)),
        ("developers, present bn CNY", of("developer_npv_cny", 1, 1e9)),
        ("government, present bn CNY", of("government_npv_cny", 1, 1e9)),
        ("of it land, paid by developers", of("residual_land_value_cny", 1, 1e9)),
        ("of it taxes, paid by buyers", of("taxes_cny", 1, 1e9)),
        ("subsidy of rental housing, paid by it", of("rental_subsidy_cny", 1, 1e9)),
        ("land per m2 of new floor for sale, CNY", lambda c: number(c.per_sold(c.values["residual_land_value_cny"]))),
        ("mean price of new floor for sale, CNY per m2", lambda c: number(c.per_sold(c.cash("commodity_sales")))),
    ]
    yield "## Money\n"
    yield "Real CNY. Costs, cash and floor are sums over the years; the rest is discounted where it says present.\n"
    yield from by_plan(choices, rows)


def people(choices: Sequence[Choice]) -> Iterator[str]:
    """Who leaves, who returns, and where the displaced live in the end."""
    rows: list[Row] = [
        ("registered residents who leave, 1,000", lambda c: number(c.moved("registered_left"), 0, 1e3)),
        ("who return on site", lambda c: share(c.moved("registered_back"), c.moved("registered_left"))),
        ("tenants who leave, 1,000", lambda c: number(c.moved("tenants_left"), 0, 1e3)),
        ("who return at once", lambda c: share(c.moved("tenants_back"), c.moved("tenants_left"))),
        ("tenants displaced for good, 1,000", of("displaced_tenants_persons", 0, 1e3)),
        ("of the tenants of all villages", lambda c: share(c.values["displaced_tenants_share"])),
        (
            "all displaced, over the room of all zones, largest",
            lambda c: share(c.settled.sum(axis=0).max(), c.room.sum()),
        ),
        ("full zones, most in a year", lambda c: f"{c.full.sum(axis=0).max()} of {len(c.room)}"),
        ("displaced in full zones, all years", lambda c: share(c.settled[c.full].sum(), c.settled.sum())),
        ("people without room, most in a year", of("unhoused_persons")),
        (
            "displaced tenants who look in their own district",
            lambda c: share(c.asked_at_home, c.tenants_moved[0].sum()),
        ),
        ("newcomers, 1,000", of("newcomers_persons", 0, 1e3)),
        ("commute in these villages before, km", lambda c: number(c.commute_before, 2)),
        ("commute of those affected and of newcomers, km", of("mean_commute_km_affected", 2)),
    ]
    yield "## People\n"
    yield from by_plan(choices, rows)
    yield "Tenants displaced in the last year, 1,000 persons: those who lost a home in the villages of the district,"
    yield "and those who live in its zones instead.\n"
    tenants = choices[0].tenants_by_district
    yield from by_district(choices, "tenants of villages", [number(n, 0, 1e3) for n in tenants], tenant_cells)


def tenant_cells(choice: Choice) -> list[str]:
    """Tenants who lost their village in every district, and those who live there."""
    return [f"{lost / 1e3:.0f} to {here / 1e3:.0f}" for lost, here in zip(*choice.tenants_moved, strict=True)]


def aims(choices: Sequence[Choice]) -> Iterator[str]:
    """Commutes and services, before and after."""
    rows: list[Row] = [
        ("mean commute before, km", lambda c: number(c.base["mean_commute_km"], 3)),
        ("mean commute, mean of the years, km", of("mean_commute_km", 3)),
        ("service accessibility before", lambda c: number(c.base["service_accessibility"], 4)),
        ("service accessibility, mean of the years", of("service_accessibility", 4)),
        ("that of villages before", lambda c: number(c.base["service_accessibility_villages"], 4)),
        ("that of villages, mean of the years", of("service_accessibility_villages", 4)),
    ]
    yield "## Commutes and services\n"
    yield from by_plan(choices, rows)


def rules(choices: Sequence[Choice]) -> Iterator[str]:
    """Every rule that one of the plans breaks."""
    broken = dict.fromkeys(f.rule for c in choices for f in c.findings if not f.holds)
    labels = {f.rule: f.label["en"] for c in choices for f in c.findings}
    rows: list[Row] = [(f"{labels[rule]} (`{rule}`)", partial(finding_cell, rule=rule)) for rule in broken]
    rows += [
        ("rules reported or penalized, broken", lambda c: f"{sum(not f.holds and f.mode in TOLD for f in c.findings)}"),
        ("hard rules broken", lambda c: f"{sum(not f.holds and f.mode is RuleMode.HARD for f in c.findings)}"),
    ]
    yield "## Rules\n"
    yield "Measured, and the limit in brackets; what is broken is bold. Hard rules are held by every plan here.\n"
    yield from by_plan(choices, rows)


def finding_cell(choice: Choice, rule: str) -> str:
    """What a rule says of a plan."""
    finding = next((f for f in choice.findings if f.rule == rule), None)
    if finding is None or finding.measured is None or finding.limit is None:
        return "-"
    measured, limit = (value_text(value, finding.unit) for value in (finding.measured, finding.limit))
    sign = "at most" if finding.sense == "at_most" else "at least"
    text = measured if finding.holds else f"**{measured}**"
    return f"{text} ({sign} {limit}, {finding.mode.value})"


def write(runs: Path, page_file: Path = PAGE, picture: Path = PICTURE) -> None:
    """Read the runs, write page and picture."""
    choices = read(runs)
    draw(choices, picture)
    with replaced(page_file) as partial:
        partial.write_text(page(choices), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
