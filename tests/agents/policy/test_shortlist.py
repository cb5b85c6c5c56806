"""The shortlist tells what the linear model says, in features that mean the same in every city."""

from __future__ import annotations

import numpy as np
import pytest

from agents.objectives import KNOWN_OBJECTIVES
from agents.policy.episodes import Episodes
from agents.policy.layout import CANDIDATE_FEATURES, FAR, GAIN, N_CANDIDATES, OPEN, OWN_FEATURES
from agents.policy.shortlist import NUDGE, outlook
from data.errors import InputError
from environment_fixtures import fifty_villages, setup_of
from envs.environment_core import set_up
from envs.kernel.plans import canonical
from policy_fixtures import look_at, preferences

LATER = OWN_FEATURES.index("gain_later")


def played(city: str, n: int, n_choices: int) -> Episodes:
    """Some episodes after random legal choices."""
    episodes = Episodes(setup_of(city), look_at(city), preferences(n))
    rng = np.random.default_rng(1)
    for _ in range(n_choices):
        mask = episodes.mask()
        stepped = episodes.step(np.array([rng.choice(np.flatnonzero(row)) for row in mask]))
        over = np.flatnonzero(stepped.over)
        if over.size:
            episodes.reset(over, preferences(over.size, 9))
    return episodes


@pytest.mark.parametrize("city", ["tiny", "fifty"])
def test_candidates_are_the_best_options_of_the_linear_model(city: str) -> None:
    episodes = Episodes(setup_of(city), look_at(city), preferences(3))
    look, game = look_at(city), setup_of(city).game
    plans = canonical(game.space.decode(episodes.core.state.start_year, episodes.core.state.option))
    for env, weights in enumerate(episodes.weights):
        heaviest_first = np.argsort(-weights)
        nudged = [weights, *((1 - NUDGE) * weights + NUDGE * np.eye(3)[k] for k in heaviest_first)]
        for k, asked in enumerate(nudged):
            slopes = look.gains.weighted_slopes(plans[env : env + 1], (asked * look.per_unit)[None])[0]
            table = look.gains.table(slopes)[:, 0]
            chosen = table[np.arange(game.n_villages), episodes.option[env, :, k]]
            np.testing.assert_allclose(chosen, table.max(axis=1), rtol=1e-4, atol=1e-6 * np.abs(chosen).max())


def test_gains_and_ranks_by_plain_loops() -> None:
    episodes = played("fifty", 2, 7)
    look, game, state = look_at("fifty"), setup_of("fifty").game, episodes.core.state
    episodes._observe(np.arange(2))
    plans = canonical(game.space.decode(state.start_year, state.option))
    for env in range(2):
        year, weights = int(state.year[env]), episodes.weights[env]
        slopes = look.gains.weighted_slopes(plans[env : env + 1], (weights * look.per_unit)[None])[0]
        table = look.gains.table(slopes)
        may = episodes.core.village_mask()[env, :-1]
        best = {v: table[v, year - 1, episodes.option[env, v, 0]] for v in np.flatnonzero(may)}
        room = game.quota[year] - int((state.start_year[env] == year).sum())
        top = [g for g in sorted(best.values(), reverse=True)[:room] if g > 0.0]
        scale = sum(top) / len(top)
        for v, gain in best.items():
            shown = episodes.candidates[env, v, 0]
            assert shown[GAIN] == pytest.approx(np.clip(gain / scale, -FAR, FAR), rel=1e-3, abs=1e-4)
            later = [table[v, y - 1, episodes.option[env, v, 0]] for y in range(year + 1, game.plan_years + 1)]
            want = np.clip(max(0.0, *later) / scale, -FAR, FAR) if later else 0.0
            assert shown[LATER] == pytest.approx(want, rel=1e-3, abs=1e-4)
            rank = sum(g > gain for g in best.values())
            assert shown[OWN_FEATURES.index("rank_in_year")] == pytest.approx(min(rank / room, FAR), abs=1.01 / room)


def test_only_startable_villages_are_open_and_no_option_twice() -> None:
    episodes = played("fifty", 4, 9)
    open_ = episodes.candidates[..., OPEN] > 0.0
    started = episodes.core.state.start_year > 0
    assert not open_[started].any() or not (episodes.startable()[started]).any()
    for env, village in zip(*np.nonzero(open_.any(axis=2)), strict=True):
        options = episodes.option[env, village][open_[env, village]]
        assert len(set(options.tolist())) == len(options)
        assert setup_of("fifty").game.space.option_mask[village, options].all()
    assert np.abs(episodes.candidates).max() <= FAR
    assert episodes.candidates.shape[2:] == (N_CANDIDATES, len(CANDIDATE_FEATURES))


@pytest.mark.parametrize(
    "names",
    [
        ("net_present_value_cny", "total_profit_cny"),
        ("net_present_value_cny",),
        KNOWN_OBJECTIVES[:6],
    ],
)
def test_other_objectives_are_refused(names: tuple[str, ...]) -> None:
    scenario = setup_of("fifty").game.resolved.scenario
    other = scenario.model_copy(update={"objectives": names, "preferences": dict.fromkeys(names, 1 / len(names))})
    with pytest.raises(InputError, match="a policy plans for 2 to 5 of"):
        outlook(set_up(fifty_villages(), other))
