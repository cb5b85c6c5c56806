"""The protocol of all villages at once against bargaining in plain loops, which shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest

from envs.people.bargaining.electorate import n_needed, pivotal_ratio
from envs.people.bargaining.prospects import Stakes, prospects
from envs.people.bargaining.protocol import bargain, largest_product, take_it_or_leave_it
from oracles import bargaining as oracle

KINDS = ("any", "whole", "mostly_gains")
"""Whole utilities make ties; where most gain there is much to concede."""


def random_projects(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Utilities (villages, packages, parties), vetoes (villages, parties; one at least), legal (villages, packages)."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, 5)), int(rng.integers(1, 13)), int(rng.integers(1, 5))
    if kind == "any":
        utility = rng.normal(1.0, 2.0, shape)
    elif kind == "whole":
        utility = rng.integers(-2, 8, shape).astype(float)
    else:
        utility = rng.exponential(100.0, shape) * rng.choice([1.0, 1.0, 1.0, 1.0, -0.1], shape)
    veto = rng.random((shape[0], shape[2])) < 0.8
    veto[:, int(rng.integers(shape[2]))] = True
    return utility, veto, rng.random(shape[:2]) < 0.9


def position(package: int | None) -> int:
    """As the arrays have it: -1 where there is none."""
    return -1 if package is None else package


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(60))
def test_every_village_ends_as_in_plain_loops(kind: str, seed: int) -> None:
    utility, veto, legal = random_projects(kind, seed)
    result = bargain(utility, veto=veto, legal=legal, full_concession_yr=2.0)
    product = largest_product(utility, veto=veto, legal=legal)
    offered = take_it_or_leave_it(utility, 0, veto=veto, legal=legal)
    for n in range(len(utility)):
        given = utility[n].tolist(), veto[n].tolist(), legal[n].tolist()
        expected = oracle.bargain(*given, 2.0)
        assert bool(result.agreed[n]) == expected.agreed
        assert result.package[n] == position(expected.package)
        assert result.blocker[n] == position(expected.blocker)
        assert result.delay_yr[n] == pytest.approx(expected.delay_yr, rel=1e-12, abs=1e-12, nan_ok=True)
        assert product[n] == position(oracle.largest_product(*given))
        assert offered[n] == position(oracle.take_it_or_leave_it(given[0], 0, *given[1:]))
        if expected.agreed:
            rounds = result.offers[:, n][:, veto[n]].tolist()
            assert rounds[: len(expected.offers)] == expected.offers
            assert result.n_concessions[n] == len(expected.offers) - 1


@pytest.mark.parametrize("threshold", [0.5, 0.6667, 2.0 / 3.0, 0.75, 0.8, 0.9, 0.95, 1.0])
def test_the_pivotal_household_is_that_of_plain_loops(threshold: float) -> None:
    rng = np.random.default_rng(1)
    for households in range(1, 40):
        ratios = 1.3 * np.exp(rng.normal(0.0, 0.45, households))
        needed = n_needed(threshold, households)
        assert needed == oracle.households_needed(threshold, households)
        expected = np.exp(-oracle.pivotal_household((-np.log(ratios)).tolist(), threshold))
        assert pivotal_ratio(ratios, needed) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_draws_of_households_end_as_in_plain_loops(seed: int) -> None:
    utility, veto, legal = random_projects(KINDS[seed % 2 * 2], seed)
    rng = np.random.default_rng(1_000 + seed)
    given_up = rng.exponential(utility.std() + 0.1, len(utility))
    ratios = 1.2 * np.exp(rng.normal(0.0, 0.45, (len(utility), int(rng.integers(1, 60)))))
    veto[:, 0] = True
    found = prospects(Stakes(utility, 0, given_up, veto, legal, 2.0), ratios)
    for n in range(len(utility)):
        rows = utility[n].tolist(), float(given_up[n]), ratios[n].tolist(), 0, veto[n].tolist(), legal[n].tolist()
        expected = oracle.bargain_draws(*rows, 2.0)
        assert found.agrees[n].tolist() == expected.agreed
        for draw, (end, values) in enumerate(zip(expected.bargains, expected.utilities, strict=True)):
            if end is None:
                continue
            quantile = found.nearest[n, draw]
            assert found.package[n, quantile] == end.package
            assert found.delay_yr[n, quantile] == pytest.approx(end.delay_yr, rel=1e-9, abs=1e-9)
            assert found.utility[n, quantile] == pytest.approx(values, rel=1e-9, abs=1e-9)
