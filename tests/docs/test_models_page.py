"""The model of docs/models.md is short, is right about its slopes, and is searched best by the default search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.runs.own_model.model_file import load_model
from envs.models.model import Model
from model_fixtures import PAGE, bureau_model
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.compute_anchors import model_anchors
from optimizers.search.run_search import search_model

FOR_THE_KERNEL = {"counts_quota", "kept_by_options", "n_options", "fixed_mask", "narrowed", "digest"}
"""Members that a model of one's own leaves as they are."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(bureau_model(tmp_path_factory.mktemp("bureau"))).model


def test_the_example_is_short(tmp_path: Path) -> None:
    file = bureau_model(tmp_path).partition(":")[0]
    assert len(Path(file).read_text(encoding="utf-8").splitlines()) <= 60


def test_income_by_hand(model: Model) -> None:
    """Dawan with towers in year 1 and Beigou with six floors in year 2, the rest kept."""
    start, option = np.zeros((2, 1, 12), dtype=np.int64)
    start[0, 0], start[0, 3], option[0, 3] = 1, 2, 1
    first = 360.0 * 31.0 * (1.0 - 0.0006 * 360.0) - (4.5 * 360.0 + 1.2 * 640.0)
    second = 124.0 * 44.0 * (1.0 - 0.0006 * 124.0) - (4.5 * 124.0 + 1.2 * 245.0)
    reached = model.evaluate(start, option)
    np.testing.assert_allclose(
        reached.objectives[0], [first / 1.04 + second / 1.04**2, 484_000.0 / 80.0, 640.0 + 245.0]
    )
    assert reached.violations[0, 0] == pytest.approx((4.5 * 360.0 + 1.2 * 640.0) / 3_000.0 - 1.0)


def test_slopes_are_those_of_the_evaluation(model: Model) -> None:
    """Against differences: a village that starts adds what the slopes say, to first order of its size."""
    gains, rng = model.linear_model(), np.random.default_rng(1)
    assert gains is not None
    start, option = rng.integers(0, 7, (1, 12)), rng.integers(0, 3, (1, 12))
    shrunk = 1e-6
    for village in range(12):
        start[0, village] = 0
        base = model.evaluate(start, option).objectives[0]
        slopes = np.stack([gains.slopes_at(start, option, row[None])[0] for row in np.eye(3)])
        start[0, village] = 3
        whole = model.amounts[:, village].copy()  # type: ignore[attr-defined]
        model.amounts[:, village] *= shrunk  # type: ignore[attr-defined]
        more = model.evaluate(start, option).objectives[0]
        model.amounts[:, village] = whole  # type: ignore[attr-defined]
        foretold = slopes[:, village, 2] @ whole[:, option[0, village]]
        np.testing.assert_allclose((more - base) / shrunk, foretold, rtol=1e-3, atol=1e-3)


def test_the_default_search_finds_most(model: Model) -> None:
    anchors, _ = model_anchors(model, model.objectives, evaluations=150)
    reached = {
        name: search_model(
            model, SearchRequest(algorithm=name, seed=1, budget=Budget(400)), known_anchors=anchors
        ).progress[-1]["hypervolume"]
        for name in ("hybrid", "nsga2", "random")
    }
    assert reached["hybrid"] > 1.05 * max(reached["nsga2"], reached["random"])


def test_the_page_names_every_member_it_must() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in vars(Model):
        if not name.startswith("_") and name not in FOR_THE_KERNEL:
            assert f"`{name}" in page or f"{name} =" in page, name
