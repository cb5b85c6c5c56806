"""Why not this village: every answer on the tiny city against trying all its plans with the lever moved."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from data.errors import InputError
from envs.choices.options import option_space
from envs.models.kernel_model import KernelModel
from optimizers.whatif.lever import LEVERS, Answer, Lever, lever_of, shifted
from optimizers.whatif.standing import Standing
from optimizers.whatif.why_not import Question
from optimizers.whatif.why_out import why_out
from optimizers.whatif.wish import Wish, wish_of
from whatif_fixtures import EveryPlan, every_plan, plan_at, preference_by

SECONDS, EVALUATIONS = 60.0, 60
"""Searches end by evaluations, so that answers are the same on any load."""


@pytest.fixture(scope="module")
def roomy(tiny_model: KernelModel) -> EveryPlan:
    """Every plan of tiny with as many places as villages: for quotas that grow."""
    scenario = tiny_model.resolved.scenario.model_copy(update={"villages_per_year": 2})
    ground = type(tiny_model.resolved)(**{**vars_of(tiny_model), "scenario": scenario})
    return every_plan(KernelModel(ground))


def vars_of(model: KernelModel) -> dict[str, object]:
    resolved = model.resolved
    return {name: getattr(resolved, name) for name in resolved.__dataclass_fields__}


def granted(standing: Standing, wish: Wish, lever: Lever, value: float, variant: int, plans: EveryPlan) -> bool:
    """Whether the best of all plans grants the wish with the lever moved."""
    model, preference = lever.model_at(value, variant), lever.preference_at(value, variant)
    within = plans
    if lever.name == "places":
        count = np.stack([(plans.start_year == year).sum(axis=1) for year in (1, 2)], axis=1)
        rows = (count <= model.quota).all(axis=1)
        within = EveryPlan(plans.start_year[rows], plans.option[rows], plans.values[rows], plans.holds[rows])
    moved = within.on(model)
    best = moved.best(preference)
    return bool(wish.granted(model, moved.start_year[[best]], moved.option[[best]])[0])


def answers_of(standing: Standing, lever: str) -> list[tuple[Wish, Answer]]:
    kept = np.flatnonzero((standing.start_year == 0) & standing.model.option_mask.any(axis=1))
    wishes = [Wish(int(village), "in", 0, 0.0) for village in kept]
    return [
        (wish, next(Question(standing, wish, seconds=SECONDS, evaluations=EVALUATIONS).answers([lever])))
        for wish in wishes
    ]


@pytest.mark.parametrize("lever", ["price", "density", "preference"])
def test_values_bring_the_village_in_and_none_means_none(
    tiny_standing: Standing, tiny_plans: EveryPlan, lever: str
) -> None:
    answers = answers_of(tiny_standing, lever)
    assert all(answer.searched for _, answer in answers)
    for wish, answer in answers:
        moved = lever_of(lever, tiny_standing, wish)
        if answer.value is not None:
            assert granted(tiny_standing, wish, moved, answer.value, answer.variant, tiny_plans), answer
            below = answer.not_enough if answer.not_enough is not None else moved.start
            assert moved.distance(below) < moved.distance(answer.value)
            for part in (0.3, 0.6, 0.9) if lever == "price" else ():
                assert not granted(tiny_standing, wish, moved, below**part, 0, tiny_plans), (answer, part)
        else:
            for (end, variant), part in itertools.product(moved.ends, (0.25, 0.5, 0.75, 1.0)):
                value = end**part if moved.is_factor else end * part
                assert not granted(tiny_standing, wish, moved, value, variant, tiny_plans), (answer, value)


def test_one_more_place_brings_in_the_next_in_line(tiny_standing: Standing, roomy: EveryPlan) -> None:
    ones = [(wish, answer) for wish, answer in answers_of(tiny_standing, "places") if answer.value == 1.0]
    assert ones, "somebody is next in line"
    for wish, answer in ones:
        moved = lever_of("places", tiny_standing, wish)
        assert granted(tiny_standing, wish, moved, 1.0, answer.variant, roomy), answer


def test_why_says_what_holds(tiny_standing: Standing, tiny_plans: EveryPlan, tiny_model: KernelModel) -> None:
    """In the best of all plans nothing stands open; own losses lose, and who is kept out by the quota gains alone."""
    for village in np.flatnonzero(tiny_standing.start_year == 0):
        why = why_out(tiny_standing, Wish(int(village), "in", 0, 0.0))
        worth = float(why.gain @ tiny_standing.preference.weights)
        assert why.reason in ("own_loss", "quota")
        assert (worth <= 0.0) == (why.reason == "own_loss")
        assert why.exchange_worth <= 1e-9
    worse = np.flatnonzero(tiny_plans.holds & (tiny_plans.start_year > 0).any(axis=1))[0]
    standing = Standing(tiny_model, plan_at(tiny_model, tiny_plans, int(worse)), tiny_standing.preference)
    reasons = [why_out(standing, Wish(int(v), "in", 0, 0.0)).reason for v in np.flatnonzero(standing.start_year == 0)]
    assert "nothing" in reasons, "a bad plan would be better with somebody else"


def test_a_village_without_options_is_closed(tiny_model: KernelModel, tiny_standing: Standing) -> None:
    village = int(np.flatnonzero(tiny_standing.start_year == 0)[0])
    name = str(tiny_model.resolved.city.villages.village_id[village])
    scenario = tiny_model.resolved.scenario.model_copy(update={"forbidden": (name,)})
    ground = type(tiny_model.resolved)(**{**vars_of(tiny_model), "scenario": scenario})
    model = KernelModel(ground, space=option_space(ground))
    standing = Standing(model, tiny_standing.plan, tiny_standing.preference)
    assert why_out(standing, Wish(village, "in", 0, 0.0)).reason == "closed"


def test_wishes_that_are_granted_are_refused(tiny_standing: Standing) -> None:
    start = tiny_standing.start_year
    renewed, kept = int(np.flatnonzero(start == 1)[0]), int(np.flatnonzero(start == 0)[0])
    for village, kind in ((renewed, "in"), (renewed, "earlier"), (kept, "denser")):
        with pytest.raises(InputError):
            wish_of(village, kind, int(start[village]), 0.0, name="V")
    assert wish_of(kept, "in", 0, 0.0, name="V").village == kept


def test_levers_move_away_from_what_is(tiny_standing: Standing) -> None:
    kept = int(np.flatnonzero(tiny_standing.start_year == 0)[0])
    wish = Wish(kept, "in", 0, 0.0)
    for name in LEVERS:
        lever = lever_of(name, tiny_standing, wish)
        for end, _ in lever.ends:
            middle = lever.between(lever.start, end)
            assert lever.distance(lever.start) <= lever.distance(middle) <= lever.distance(end)
            assert lever.farther(end, 1.3) is None
    assert shifted(np.array([0.5, 0.3, 0.2]), 2, 0.5) == pytest.approx([0.25, 0.15, 0.6])
    price = lever_of("price", tiny_standing, wish)
    assert price.farther(1.1, 2.0) == pytest.approx(1.21)
    assert price.farther(0.9, 2.0) == pytest.approx(0.81)
    assert preference_by(tiny_standing.model, (1.0, 0.0, 0.0)).weights.sum() == 1.0
