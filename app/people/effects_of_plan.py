"""Effects of a plan on drawn residents, as command, page and report show them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.people.stored_draw import read_sample
from data.errors import refuse
from data.parameter_book import Book
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical
from envs.people.effects.effects import Effects, effects_of
from envs.people.effects.population import draw_population, population_of
from envs.people.people_model import PeopleModel, people_model

CHAPTERS = (
    "age.",
    "care.",
    "consent.",
    "employment.",
    "household.",
    "income.",
    "moving.",
    "settle.",
    "stay.",
    "tenant.",
    "uv.",
    "value_of_time.",
    "wellbeing.",
    "wtp.",
)
"""Beginnings of the keys of the book that tell who gains and who loses, beside those of the city's model."""


@dataclass(frozen=True, eq=False)
class PlanEffects:
    """Who gains and who loses by a plan of a run.

    Attributes:
        model: residents on average.
        plan_id: of the plan.
        effects: counted on drawn residents.
    """

    model: PeopleModel
    plan_id: str
    effects: Effects


def plan_effects(
    resolved: ResolvedScenario,
    plans: Plans,
    plan_id: str,
    *,
    year: int | None = None,
    seed: int = 0,
    draw: Path | None = None,
    threads: int = 1,
) -> PlanEffects:
    """Who gains and who loses.

    Args:
        resolved: scenario resolved against a city.
        plans: batch of one plan.
        plan_id: its id.
        year: state year; None = the last.
        seed: of the draw; the draw's own where one is read.
        draw: folder of a draw to read; None draws the residents anew.
        threads: places drawn side by side.

    Raises:
        InputError: the year has no state, the draw is not of this city and these parameters, or the book's margins
            contradict each other.
    """
    last = resolved.clock.horizon
    if year is not None and not 0 <= year <= last:
        raise refuse("state_year_outside", layer="--year", year=year, last=last)
    model = people_model(resolved)
    if draw is None:
        population = draw_population(model, seed, threads=threads)
    else:
        population = population_of(model, read_sample(draw, model))
    return PlanEffects(model, plan_id, effects_of(model, canonical(plans), population, year=year))


def estimates_behind(book: Book) -> tuple[tuple[str, ...], int]:
    """Keys of the values behind it that are estimates or choices of ours (letter E), and how many values there are."""
    keys = [key for key in book.facts if key.startswith(CHAPTERS) and book[key].is_read]
    return tuple(key for key in keys if book[key].is_estimate), len(keys)
