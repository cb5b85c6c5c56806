"""What a planner concludes: normal figures, what the money rests on, models before, and what still looks wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from planner_cells import number, share, table
from planner_choice import Choice, central_commute, most_money

from data.scenario import Intensity, LandUse
from envs.kernel import evaluate, resolve

BOOK_KEYS = (
    "sale.normal_share_of_stock",
    "sale.absorption",
    "sale.flow_elasticity",
    "price.elasticity",
    "market.rooms_as_housing",
    "hedonic.services",
    "rent.elasticity",
    "rule.rent_growth_max",
    "tenant.return_share",
    "built.household_size",
    "comp.resettlement_area",
    "comp.return_share",
    "consent.cap",
    "cost.residential_highrise",
    "finance.discount_rate",
    "finance.developer_margin",
)
"""Normal figures that the tables are to be read beside."""
MOVED_KEYS = ("sale.normal_share_of_stock", "sale.flow_elasticity", "price.elasticity", "hedonic.services")
"""Assumptions about markets, each moved to its low and its high."""
REBUILT = (Intensity.MIXED, Intensity.REBUILD)
MUCH = 3.0
"""Times a standard beyond which facilities are doubted."""
MANY = 0.5
"""A share above which something is told of most."""


def normal(choice: Choice) -> Iterator[str]:
    """What the tables are to be read beside, from the book."""
    book = choice.run.resolved.book
    rows = [
        [f"`{key}`", book[key].label_en, book[key].value_text, book[key].unit, book[key].confidence, book[key].source]
        for key in BOOK_KEYS
    ]
    yield "## Normal figures\n"
    yield "From [the parameters](parameters.md), with their letters: S stated by a source, C computed, M from memory,"
    yield "E estimated.\n"
    yield from table(["key", "what", "value", "unit", "letter", "source"], rows, numbers=False)


def rests_on(choice: Choice) -> Iterator[str]:
    """The same plan with one assumption about markets at its low and at its high."""
    book, own = choice.run.resolved.book, number(choice.values["net_present_value_cny"], 1, 1e9)
    rows = []
    for key in MOVED_KEYS:
        ends = [(value, worth(choice, key, value)) for value in (book[key].low, book[key].high)]
        cells = [f"{number(money, 1, 1e9)} at {value:g}" for value, money in ends]
        rows.append([f"`{key}`", cells[0], f"{own} at {book[key].value_text}", cells[1]])
    yield "## What the money rests on\n"
    yield f"Net present value of the plan of `{choice.name}` in bn CNY, with one assumption moved. The plan"
    yield "stays the same.\n"
    yield from table(["key", "low", "book", "high"], rows)


def worth(choice: Choice, key: str, value: float | None) -> float:
    """Net present value of a plan with one parameter changed [CNY]."""
    scenario = choice.run.resolved.scenario
    parameters = scenario.parameters | {key: value}
    changed = resolve(scenario.model_copy(update={"parameters": parameters}), choice.run.resolved.city)
    return float(evaluate(changed, choice.plan, indicators=())["net_present_value_cny"][0])


def trial(choice: Choice) -> Iterator[str]:
    """The plan that earns most, beside the model of 0.4.0 and beside the trial that came before this one."""
    money = most_money(choice)
    mean_km, far = central_commute(money)
    values, districts = money.values, money.districts
    villages = f"{values['renewed_villages']:.0f}, {money.n_for_sale}"
    rows = [
        ["most money, bn CNY", "362", "327", "288 to 303", number(values["net_present_value_cny"], 1, 1e9)],
        ["internal rate of return", "23 %", "", "", share(values["internal_rate_of_return"])],
        ["villages renewed, those rebuilt for sale", "512, 512", "", "", villages],
        ["lowest price factor", "", "", "about 0.86", number(districts["sale_price_factor"].min(), 2)],
        ["largest rent factor", "", "", "1.14 to 1.19", number(districts["rent_factor"].max(), 2)],
        ["central six, mean commute, km", "13.2", "13.2", "13.2", number(mean_km, 1)],
        ["central six above 25 km", "8.8 %", "8.8 %", "11.2 %", share(far)],
    ]
    yield "## Beside the model of 0.4.0 and the trial\n"
    yield f"The plan of the front of `{choice.name}` that earns most. The model of 0.4.0 credited rooms torn down as"
    yield "housing, and its default was ten years of 60 villages. The trial sketched this model on the Beijing"
    yield f"of 0.4.0. Here services and density raise the price of what is sold by {share(money.hedonic - 1.0)}.\n"
    yield from table(["", "0.4.0", "0.4.0, 12 x 30", "trial, 12 x 30", "here"], rows)


# --- what still looks wrong -------------------------------------------------------------------------------------------


def spread(choices: Sequence[Choice], of_plan: Callable[[Choice], float], write: Callable[[float], str]) -> str:
    """Least and largest of the plans."""
    values = [of_plan(choice) for choice in choices]
    least, largest = write(float(np.nanmin(values))), write(float(np.nanmax(values)))
    return least if least == largest else f"{least} to {largest}"


def doubts(choices: Sequence[Choice]) -> Iterator[str]:
    """What a planner would not believe, or not accept, as far as it is so."""
    yield "## What still looks wrong\n"
    for doubt in (returns, one_use, rental, facilities, torn_down, consents, tenants, center, markets, left_out):
        yield from (f"- {text}" for text in doubt(choices))
    yield ""


def returns(choices: Sequence[Choice]) -> Iterator[str]:
    """Returns that no project shows."""
    cost = spread(choices, lambda c: c.values["return_on_cost_ratio"], share)
    rate = spread(choices, lambda c: c.values["internal_rate_of_return"], share)
    yield (
        f"**Returns.** The plans return {cost} on their cost and {rate} a year. Much of it is land: the difference"
        " between a price of flats and what villagers receive. Nothing here is late, unsold or contested."
    )


def one_use(choices: Sequence[Choice]) -> Iterator[str]:
    """Plans that build one thing."""
    most = [c for c in choices if c.n_for_sale > MANY * c.values["renewed_villages"] > 0.0]
    if most:
        names = ", ".join(f"`{c.name}`" for c in most)
        yield f"**One use.** Most villages are rebuilt for sale alone in {names}. A bureau would mix uses."
    never = [use for use in LandUse if not any(c.n_villages(word, use) for c in choices for word in REBUILT)]
    halves = sum(c.n_villages(Intensity.MIXED) for c in choices)
    if never:
        names = " or ".join(use.replace("_", " ") for use in never)
        yield (
            f"**Never chosen.** No plan rebuilds for {names}. {halves or 'None'} of their villages are half rebuilt."
            " The quota counts villages, so that every start is used to the full."
        )


def rental(choices: Sequence[Choice]) -> Iterator[str]:
    """Housing for rent, which a rule alone brings."""
    counts = {c.name: sum(c.n_villages(word, LandUse.RENTAL_HOUSING) for word in REBUILT) for c in choices}
    some = ", ".join(f"{count} in `{name}`" for name, count in counts.items() if count)
    book = choices[0].run.resolved.book
    by_itself, asked = book.table("mix.commodity_housing")["rental"], book.number("rule.rental_share_min")
    if by_itself >= asked:
        yield (
            f"**Rental housing.** Villages rebuilt for it: {some or 'none'}. The rule asks for {share(asked)} of new"
            f" housing by default, and land for sale holds {share(by_itself)} by itself (`mix.commodity_housing`). So"
            " it moves nothing until a scenario asks for more."
        )


def facilities(choices: Sequence[Choice]) -> Iterator[str]:
    """Villages turned into facilities."""
    most = max(choices, key=lambda c: np.nan_to_num(c.facilities_per_resident))
    if most.facilities_per_resident > MUCH * most.facility_standard:
        count = most.n_villages(Intensity.REBUILD, LandUse.PUBLIC_SERVICE)
        yield (
            f"**Facilities.** `{most.name}` turns {count} villages into facilities, {most.facilities_per_resident:.0f}"
            f" m2 for each resident they have afterwards. The standards ask for {most.facility_standard:.1f}."
            " They serve neighbors too, but no bureau would build so many. Nothing in the model pays for running them."
        )


def torn_down(choices: Sequence[Choice]) -> Iterator[str]:
    """Whole villages torn down."""
    text = spread(choices, lambda c: c.torn_down, share)
    yield (
        f"**Torn down.** The plans tear down {text} of the floor of the villages that they renew. The notice of the"
        " Ministry allows 20 %. The rule is reported, for a plan that rebuilds whole villages cannot keep it."
    )


def consents(choices: Sequence[Choice]) -> Iterator[str]:
    """Villages rebuilt against the will of their households."""
    some = [c for c in choices if c.values["consent_flagged_villages"] > 0.0]
    if some:
        count = spread(some, lambda c: c.values["consent_flagged_villages"], number)
        yield (
            f"**Consent.** {len(some)} of the plans rebuild {count} villages whose households would refuse at the"
            " largest multiplier. The rule tells it and is hard in `by_the_rules` and `binding` alone."
        )


def tenants(choices: Sequence[Choice]) -> Iterator[str]:
    """Who leaves, and what those who return pay."""
    lost = spread(choices, lambda c: c.values["displaced_tenants_persons"] / 1e3, number)
    part = spread(choices, lambda c: c.values["displaced_tenants_share"], share)
    ratio = spread(choices, lambda c: c.values["tenant_rent_ratio"], lambda value: number(value, 1))
    yield (
        f"**Tenants.** {lost} thousand tenants are displaced, {part} of those of all villages. Those who return pay"
        f" {ratio} times their rent, for more room. Few would: the share that wants to return knows no rent."
    )


def center(choices: Sequence[Choice]) -> Iterator[str]:
    """Tenants in districts without villages."""

    def elsewhere(choice: Choice) -> float:
        here = choice.tenants_moved[1]
        return float(here[choice.tenants_by_district == 0.0].sum() / max(here.sum(), 1.0))

    if any(elsewhere(c) > 0.0 for c in choices):
        text = spread(choices, elsewhere, share)
        yield (
            f"**Where they go.** {text} of the displaced tenants find a home in districts that have no villages, most"
            " of them in the center, where rents are highest. Distance and rent weigh little (`settle.lambda`,"
            " `settle.mu`, both estimates)."
        )


def markets(choices: Sequence[Choice]) -> Iterator[str]:
    """District markets and their normal."""
    most = max(choices, key=lambda c: float(np.nanmax(c.sales_ratio)))
    row, year = np.unravel_index(np.nanargmax(most.sales_ratio), most.sales_ratio.shape)
    name, ratio = most.run.resolved.city.districts[row], most.sales_ratio[row, year]
    yield (
        f"**Markets.** {name} sells {ratio:.1f} times its normal in year {year} of `{most.name}`, beside what others"
        " sell. A district's market ends at its border, so that prices next door do not move. The normal is an"
        " estimate, and so is every elasticity."
    )


def left_out(choices: Sequence[Choice]) -> Iterator[str]:
    """What the model does not hold."""
    absorption = choices[0].run.resolved.book.series("sale.absorption")
    yield (
        f"**Left out.** Every flat is sold within {len(absorption)} years at the price of its year. Interest during"
        " delays, land outside the site, and quotas of land for sale are not computed. Villages and what is inside"
        " districts are synthetic."
    )
