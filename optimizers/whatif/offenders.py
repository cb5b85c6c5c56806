"""Rules that single villages break: each offender must change, and its cheapest choice that keeps the rule is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import BoolArray
from envs.changes.village_change import Change
from envs.choices.options import CELLS_PER_CHUNK
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.trace import REPORT, SEARCH, Trace
from envs.rules.rule import Rule
from optimizers.whatif.standing import ILLEGAL, Standing


def offending(standing: Standing, rule: Rule) -> BoolArray:
    """Villages of the plan that break a rule, shape (n_villages,); none where it is not one of single villages."""
    limit = rule.limit(standing.model.resolved)
    if rule.offenders is None or limit is None:
        return np.zeros(standing.start_year.size, dtype=np.bool_)
    return np.asarray(rule.offenders(Trace(standing.model.resolved, standing.plan, REPORT), limit)[0]) > 0.5


def mended_one_by_one(standing: Standing, rule: Rule) -> list[Change]:
    """For each village that breaks a rule, the change that keeps it and costs least by the linear model.

    A village may be kept, or take another option in its year. Where one has no such choice nothing is returned.
    """
    who = np.flatnonzero(offending(standing, rule))
    option_breaks = _options_that_break(standing, rule)
    space, changes = standing.model.space, list[Change]()
    for village in who.tolist():
        year = int(standing.start_year[village])
        table = standing.table[village, max(year - 1, 0)].astype(np.float64)
        worth = np.where(option_breaks[village] | (table <= 0.5 * ILLEGAL), -np.inf, table)
        option = int(np.argmax(worth))
        may_leave = bool(space.start_mask[village, 0])
        if may_leave and worth[option] < 0.0:
            changes.append(Change(village, "keep", 0))
        elif np.isfinite(worth[option]):
            changes.append(replace(standing.neighbors.beginning(village, year, option), kind="use"))
        elif may_leave:
            changes.append(Change(village, "keep", 0))
        else:
            return []
    return changes


def _options_that_break(standing: Standing, rule: Rule) -> BoolArray:
    """Whether each option of each village breaks the rule by itself, shape (n_villages, n_options)."""
    model, limit = standing.model, rule.limit(standing.model.resolved)
    assert rule.offenders is not None
    assert limit is not None
    n_villages, n_options = model.space.option_mask.shape
    breaks = np.zeros((n_villages, n_options), dtype=np.bool_)
    for some in chunks(n_options, max(1, CELLS_PER_CHUNK // max(n_villages, 1))):
        option = np.arange(some.start, some.stop)[:, None] * np.ones(n_villages, dtype=np.int64)
        trace = Trace(model.resolved, model.space.decode(np.ones_like(option), option), SEARCH)
        breaks[:, some] = np.asarray(rule.offenders(trace, limit)).T > 0.5
    return breaks
