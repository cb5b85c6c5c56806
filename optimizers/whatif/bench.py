"""How often an answer to "why not this village?" is right when the city is searched again with the lever moved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.arrays import IntArray
from data.scenario import Scenario
from envs.choices.anchors import Anchors
from envs.kernel import ResolvedScenario
from envs.models.kernel_model import KernelModel
from optimizers.bench.table import Row
from optimizers.whatif.lever import LEVERS, Answer, lever_of
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import Standing
from optimizers.whatif.weighed_model import searched_again
from optimizers.whatif.why_not import Question
from optimizers.whatif.wish import Wish

N_VILLAGES, PLAN_SECONDS, AGAIN_SECONDS, HALF_SECONDS = 30, 90.0, 15.0, 5.0
VILLAGES_SHARE = 1.0 / 3.0
"""Of the villages that such a quota lets in."""
MUST = 0.9
"""Of the answers must be right: 27 of 30."""
SECONDS_MUST = 5.0


@dataclass(frozen=True)
class Checked:
    """An answer, and what searching again said.

    Attributes:
        village: position.
        answer: of one lever.
        right: granted at the value or, where none was found, at no end of the lever.
        tight: whether half of the way to the value does not suffice; None where there is no value.
        by_itself: whether the search without any change brings the village in.
    """

    village: int
    answer: Answer
    right: bool
    tight: bool | None
    by_itself: bool


def scarce(scenario: Scenario, n_villages: int) -> Scenario:
    """The scenario with a quota that leaves two thirds of the villages out, where its own leaves less than half."""
    if 2 * sum(scenario.yearly_quotas) <= n_villages:
        return scenario
    quota = max(1, round(VILLAGES_SHARE * n_villages / scenario.plan_years))
    return scenario.model_copy(update={"villages_per_year": quota, "villages_per_year_by_year": {}})


def why_not_bench(
    resolved: ResolvedScenario,
    known: Anchors,
    *,
    n_villages: int = N_VILLAGES,
    seed: int = 0,
    threads: int = 1,
    plan_seconds: float = PLAN_SECONDS,
    again_seconds: float = AGAIN_SECONDS,
) -> Iterator[Row]:
    """Ask why not of villages that a searched plan keeps, one lever each in turn, and search again; rows as they come.

    Seconds are those of the processor. The plan is searched by the scenario's preferences.

    Args:
        resolved: scenario resolved against a city.
        known: anchors.
        n_villages: asked about.
        seed: of the searches and of the villages drawn.
        threads: worker threads.
        plan_seconds: of the search for the plan.
        again_seconds: of each search that tries an answer.
    """
    standing = searched_plan(resolved, known, seconds=plan_seconds, seed=seed, threads=threads)
    unchanged = _again(standing, standing.preference, again_seconds, seed + 1000)
    kept = np.flatnonzero((standing.start_year == 0) & standing.model.option_mask.any(axis=1))
    asked = np.random.default_rng(seed).permutation(kept)[:n_villages]
    checked = []
    for turn, village in enumerate(asked):
        one = check_answer(standing, int(village), LEVERS[turn % len(LEVERS)], unchanged, again_seconds, seed)
        checked.append(one)
        yield _village_row(resolved, one)
    yield from _summary(checked)


def searched_plan(
    resolved: ResolvedScenario, known: Anchors, *, seconds: float, seed: int, threads: int = 1
) -> Standing:
    """The best plan by the scenario's preferences that a search of the processor time finds."""
    model = KernelModel(resolved, threads=threads)
    weights = np.array([resolved.scenario.preferences.get(name, 0.0) for name in model.objectives])
    preference = Preference(model.objectives, weights / weights.sum(), known.ranges, model.signs)
    nothing = np.zeros(resolved.city.n_villages, dtype=np.int64)
    start, option, _ = searched_again(
        model, preference, [(nothing, nothing)], seconds=seconds, seed=seed, clock=time.process_time
    )
    return Standing(model, model.decode(start[None], option[None]), preference)


def check_answer(
    standing: Standing, village: int, lever: str, unchanged: IntArray, seconds: float, seed: int
) -> Checked:
    """Ask about one lever, and search again with it moved, by other random choices than the answer made."""
    wish = Wish(village, "in", 0, 0.0)
    question = Question(standing, wish, clock=time.process_time, seed=seed)
    answer = next(question.answers([lever]))
    moved, by_itself = lever_of(lever, standing, wish), bool(unchanged[village] > 0)
    tried = Question(standing, wish, clock=time.process_time, seed=seed + 500)
    if answer.value is None:
        right = not any(tried.granted_by_search(moved, end, k, seconds / len(moved.ends)) for end, k in moved.ends)
        return Checked(village, answer, right, None, by_itself)
    right = tried.granted_by_search(moved, answer.value, answer.variant, seconds)
    half = moved.between(moved.start, answer.value)
    tight = half == moved.start or not tried.granted_by_search(moved, half, answer.variant, min(HALF_SECONDS, seconds))
    return Checked(village, answer, right, tight, by_itself)


def _again(standing: Standing, preference: Preference, seconds: float, seed: int) -> IntArray:
    """Start years of the plan that a search from the plan finds where nothing is changed."""
    begun = [(standing.start_year, standing.option)]
    return searched_again(standing.model, preference, begun, seconds=seconds, seed=seed, clock=time.process_time)[0]


def _village_row(resolved: ResolvedScenario, one: Checked) -> Row:
    answer = one.answer
    value = "no change up to " + " and ".join(f"{end:.3g}" for end in answer.ends)
    if answer.value is not None:
        half = "half of it does not suffice" if one.tight else "HALF OF IT SUFFICES"
        value = f"{answer.value:.3f} (variant {answer.variant}); {half}"
    drift = "; comes in by itself" if one.by_itself else ""
    name = str(resolved.city.villages.village_id[one.village])
    return Row(f"{name}, {answer.lever}", f"{value}; {answer.seconds:.1f} s{drift}", "", one.right)


def _summary(checked: list[Checked]) -> Iterator[Row]:
    right, n = sum(one.right for one in checked), len(checked)
    yield Row("answers right when searched again", f"{right} of {n}", f"must {MUST:.0%}", right >= MUST * n)
    for lever in LEVERS:
        of_it = [one for one in checked if one.answer.lever == lever]
        if of_it:
            yield Row(f"of them {lever}", f"{sum(one.right for one in of_it)} of {len(of_it)}")
    told = [one for one in checked if one.tight is not None]
    yield Row("values of which half does not suffice", f"{sum(bool(one.tight) for one in told)} of {len(told)}")
    yield Row("villages that a search without any change brings in", f"{sum(one.by_itself for one in checked)} of {n}")
    seconds = max((one.answer.seconds for one in checked), default=0.0)
    yield Row("slowest answer (processor)", f"{seconds:.1f} s", f"must <= {SECONDS_MUST:g} s", seconds <= SECONDS_MUST)
