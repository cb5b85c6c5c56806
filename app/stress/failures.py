"""Under which futures a plan fails: PRIM's box of failures, the table of its limits, and the rule in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.stress.chances import Wanted, wanted_of
from app.stress.stress_of_run import COMPARED, Stress
from app.words.console import percent_text, value_text
from data.arrays import BoolArray, FloatArray
from data.catalogue import text
from envs.futures.policy_events import KINDS
from envs.futures.scenario_discovery import Discovered, discover
from envs.futures.spread import TAIL, counted
from envs.futures.stress import MARKETS

RARE = 0.02
"""What fails less often, or nearly always, tells no rule; then failure is something else."""
MOST_FUTURES = 4_096
"""The first futures of which boxes are sought: more move no limit by more than its slice."""
LIST_SEPARATOR = {"en": " and ", "zh": "，且"}


@dataclass(frozen=True, eq=False)
class Failures:
    """Under which futures a plan fails.

    Attributes:
        plan_id: of the plan.
        what: missed (something wanted), loss (of money) or worst (the worst tenth of futures).
        share: of the futures in which it fails.
        names: of the inputs.
        found: the box.
    """

    plan_id: str
    what: str
    share: float
    names: tuple[str, ...]
    found: Discovered


def failures_of(stress: Stress) -> list[Failures]:
    """What makes each plan fail."""
    all_wanted = wanted_of(stress)
    return [_failures(stress, plan, *failing(stress, all_wanted, plan)) for plan in range(len(stress.plan_ids))]


def _failures(stress: Stress, plan: int, what: str, fails: BoolArray) -> Failures:
    names, inputs = inputs_of(stress, plan)
    fails = fails[: min(MOST_FUTURES, len(inputs))]
    each_counts = np.ones(inputs.shape[1])
    if stress.stressed.n_worlds:
        each_counts = counted(inputs[: fails.size], fails, stress.stressed.world[: fails.size])
    found = discover(inputs[: fails.size], fails, each_counts=each_counts)
    return Failures(stress.plan_ids[plan], what, float(fails.mean()), names, found)


def failing(stress: Stress, all_wanted: list[Wanted], plan: int) -> tuple[str, BoolArray]:
    """What counts as a failure, and where it is, shape (n_futures,): the first of these that is neither rare nor sure.

    Something wanted that can be met and missed is missed; money is lost; the worst tenth.
    """
    world, n = stress.stressed.world, stress.stressed.n_futures
    missed = np.zeros(n, dtype=bool)
    for wanted in all_wanted:
        holds = wanted.holds[plan]
        if wanted.over == "plan":
            continue
        if wanted.over == "worlds":
            holds = holds[world]
        missed[: holds.size] |= ~holds
    worth = stress.stressed.measures[COMPARED][plan]
    loses = worth < 0.0
    ways = (("missed", missed), ("loss", loses))
    for what, fails in ways[1:] if np.array_equal(missed, loses) else ways:
        if RARE < fails.mean() < 1.0 - RARE:
            return what, fails
    return "worst", worth <= np.quantile(worth, TAIL)


def inputs_of(stress: Stress, plan: int) -> tuple[tuple[str, ...], FloatArray]:
    """Names of what differs between futures as a plan meets them, and its values, shape (n_kept, n_inputs)."""
    stressed = stress.stressed
    markets = stressed.markets[plan]
    of_worlds = [values[stressed.world[: len(markets)]] for values in stressed.inputs.values()]
    return (*MARKETS, *stressed.inputs), np.column_stack([markets, *of_worlds])


def rules_frame(failures: list[Failures]) -> pd.DataFrame:
    """A row for each plan and limit of its box; one without a limit where nothing is better than chance."""
    rows = []
    for one in failures:
        found = one.found
        said = {
            "plan_id": one.plan_id,
            "failure": one.what,
            "failure_share": one.share,
            "density": found.density,
            "coverage": found.coverage,
            "mass": found.mass,
        }
        limits = [
            {"input": one.names[k], "low": _end(found.box.low[k]), "high": _end(found.box.high[k]), "quasi_p": p}
            for k, p in zip(found.box.limited, found.quasi_p, strict=True)
        ]
        rows += [said | limit for limit in limits or [{"input": "", "low": None, "high": None, "quasi_p": None}]]
    return pd.DataFrame(rows).astype({"low": "float64", "high": "float64", "quasi_p": "float64"})


def rule_sentence(stress: Stress, failures: Failures, language: str) -> str:
    """The rule in words."""
    found = failures.found
    share = percent_text(failures.share)
    if not found.box.limited:
        if failures.what == "worst":
            return text("stress_rule_worst_none", language, plan=failures.plan_id)
        what = text(f"stress_fails_{failures.what}", language)
        return text("stress_rule_none", language, plan=failures.plan_id, what=what, share=share)
    conditions = LIST_SEPARATOR[language].join(
        _condition(stress, failures.names[k], found.box.low[k], found.box.high[k], language) for k in found.box.limited
    )
    told = {
        "plan": failures.plan_id,
        "share": share,
        "conditions": conditions,
        "density": percent_text(found.density),
        "coverage": percent_text(found.coverage),
        "mass": percent_text(found.mass),
    }
    if failures.what == "worst":
        return text("stress_rule_worst", language, **told)
    return text("stress_rule", language, what=text(f"stress_fails_{failures.what}", language), **told)


def input_label(stress: Stress, name: str, language: str) -> str:
    """What an input is called: a market, a parameter of the book, or what else differs between worlds."""
    book = stress.resolved.book
    if name in book:
        return book[name].label_zh if language == "zh" else book[name].label_en
    return text(f"stress_input_{name}", language)


def input_unit(stress: Stress, name: str) -> str:
    """Of an input: a parameter's own; years of a delay; - where it is a ratio or a number of times."""
    book = stress.resolved.book
    if name in book:
        return book[name].unit
    return "yr" if name.endswith("_yr") else "-"


def _condition(stress: Stress, name: str, low: float, high: float, language: str) -> str:
    label, unit = input_label(stress, name, language), input_unit(stress, name)
    if name.removeprefix("n_") in KINDS:
        low, high = np.ceil(low), np.floor(high)
        if np.isinf(low) and high < 1.0:
            return text("stress_condition_never", language, label=label)
    ends = {"at_least": low, "at_most": high}
    limits = [
        f"{text(side, language)} {value_text(float(end), unit, language)}"
        for side, end in ends.items()
        if np.isfinite(end)
    ]
    return text("stress_condition", language, label=label, limits=LIST_SEPARATOR[language].join(limits))


def _end(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
