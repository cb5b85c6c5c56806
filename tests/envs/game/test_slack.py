"""What is left of every limit, step by step, against the rule checker's own measures of the plan so far."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.scenario import DistrictLimit, Intensity, RuleMode, Scenario, ShareRange, Target
from environment_fixtures import twelve_villages
from envs.choices.anchors import Anchors
from envs.game.constants import GAME_PRECISION, GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import draw_actions
from envs.game.observation import (
    GLOBAL_FEATURES,
    QUOTA_LEFT,
    TARGET_SLACK,
    TARGETS_MET,
    VILLAGE_FEATURES,
    Observer,
    make_observer,
    static_features,
)
from envs.game.reward import reward_scale
from envs.game.slack import DISTRICT_RULES, SLACK_RULES, rule_slack
from envs.game.state import State
from envs.game.year_end import plans_of
from envs.kernel import REPORT, evaluate, resolve
from envs.kernel.trace import Trace
from envs.rules.check import RULES

CAPS = ("annual_capital", "peak_capital", "rent_growth", "commodity_cap", "demolished_share", "new_to_demolished")
CAPS = (*CAPS, "displacement", "renewal_ratio_most", "district_floor_area")
FLOORS = ("rental_share", "onsite_resettlement", "minimum_facility_ratio", "consent")
BUILT_UP = ("least_commodity_area", "least_rental_area", "renewal_ratio_least")
SHARES = {Intensity.REHABILITATE: ShareRange(low=0.2, high=0.7), Intensity.REBUILD: ShareRange(low=0.3, high=0.9)}
FEW: dict[str, Any] = {"plan_years": 3, "villages_per_year": 3, "density_levels": 2, "facility_levels": 2}
FEW["floor_area_ratio_share"] = ShareRange(low=0.9, high=1.0)


def limits() -> dict[str, Any]:
    """Every limit a scenario can set, none of them so tight that it is used up at once."""
    city = twelve_villages()
    inside = {
        name: float(city.zones.residents[city.zones.district_idx == d].sum()) for d, name in enumerate(city.districts)
    }
    return {
        "capital_limit_annual_cny": 2e10,
        "capital_limit_peak_cny": 4e10,
        "commodity_housing_cap_m2": 3e6,
        "least_commodity_area_m2": 2e6,
        "least_rental_area_m2": 2e6,
        "displaced_tenants_cap_persons": 5e4,
        "renewal_ratio": ShareRange(low=0.5, high=0.9),
        "intensity_shares": SHARES,
        "district_limits": {
            city.districts[0]: DistrictLimit(population_persons=1.5 * inside[city.districts[0]], new_floor_area_m2=2e4),
            city.districts[1]: DistrictLimit(new_floor_area_m2=2e4),
        },
        "parameters": {
            "rule.rent_growth_max": 0.5,
            "rule.demolished_share_max": 1.0,
            "rule.new_to_demolished_max": 9.0,
            "rule.onsite_resettlement_min": 0.5,
            "rule.rental_share_min": 0.2,
            "rule.facility_ratio_min": 0.04,
        },
    }


def game_with(mode: RuleMode, **changes: Any) -> GameConstants:
    rules = dict.fromkeys((*SLACK_RULES, "yearly_quota"), mode)
    return game_constants(resolve(Scenario(**(FEW | {"rules": rules} | changes)), twelve_villages()))


def observer_of(game: GameConstants) -> Observer:
    anchors = Anchors(game.objectives, (0.0, 0.0, 0.0), (1e9, 1.0, 1.0), (0.0, 2.0, 0.0), 0, 0, "")
    return make_observer(game, reward_scale(anchors, "given"), initial_state(game), static_features(game))


def steps(game: GameConstants, n_envs: int, seed: int) -> list[State]:
    """States of random episodes, from the start to the last step."""
    state, rng = reset(initial_state(game), n_envs), np.random.default_rng(seed)
    states = [state.take(np.arange(n_envs))]
    while not is_over(game, state).any():
        step_in_place(game, state, draw_actions(game, state, rng, close_chance=0.1))
        states.append(state.take(np.arange(n_envs)))
    return states


def test_every_rule_of_the_whole_plan_has_a_field() -> None:
    assert {name for name, rule in RULES.items() if not rule.built_in} == {*SLACK_RULES, "yearly_quota"}
    assert set(SLACK_RULES) == {*CAPS, *FLOORS, *BUILT_UP, "district_population", *SHARE_RULES}


SHARE_RULES = ("intensity_share_least", "intensity_share_most")


@pytest.mark.parametrize("mode", [RuleMode.OFF, RuleMode.REPORTED])
def test_nothing_is_left_out_where_nothing_steers(mode: RuleMode) -> None:
    game = game_with(mode, **limits())
    look = observer_of(game)
    features = look.blank(2)
    for state in steps(game, 2, 1):
        assert (rule_slack(game, state) == 1.0).all()
        assert (look.overview(state)[:, [TARGETS_MET, TARGET_SLACK]] == 1.0).all()
        look.refresh(features, state, np.arange(2))
        assert (features[:, :, -len(DISTRICT_RULES) :] == 1.0).all()


def test_limits_that_are_not_set_leave_everything() -> None:
    """Hard rules without a limit of the scenario; those of the book are off."""
    of_book = (*FLOORS, "rent_growth", "demolished_share", "new_to_demolished", "displacement")
    rules = dict.fromkeys(SLACK_RULES, RuleMode.HARD) | dict.fromkeys(of_book, RuleMode.OFF)
    game = game_with(RuleMode.HARD, rules=rules)
    assert all((rule_slack(game, state) == 1.0).all() for state in steps(game, 2, 1))


@pytest.fixture(scope="module")
def played() -> tuple[GameConstants, list[State]]:
    game = game_with(RuleMode.PENALIZED, **limits())
    return game, steps(game, 6, 2)


@pytest.mark.parametrize("rule", SLACK_RULES)
def test_a_field_is_what_the_checker_would_measure(rule: str, played: tuple[GameConstants, list[State]]) -> None:
    game, states = played
    seen = []
    for state in states:
        shown = rule_slack(game, state)[:, SLACK_RULES.index(rule)]
        trace = Trace(game.resolved, plans_of(game, state), REPORT)
        np.testing.assert_allclose(shown, np.clip(expected(rule, game, trace, state), 0.0, 1.0), atol=1e-9)
        seen.append(shown)
    assert np.ptp(np.stack(seen)) > 0.01  # it moves when its limit is used


def expected(rule: str, game: GameConstants, trace: Trace, state: State) -> np.ndarray:
    """By the measure of the rule, or where it says less than the field, by plain loops."""
    resolved = game.resolved
    if rule == "annual_capital":
        year = np.minimum(state.year, game.plan_years)
        return 1.0 - trace.gross_cost_cny[np.arange(state.n_envs), year] / resolved.scenario.capital_limit_annual_cny
    if rule == "district_population":
        (name, cap), inside = (
            next(iter(resolved.scenario.district_limits.items())),
            resolved.city.place_district_idx == 0,
        )
        assert name == resolved.city.districts[0]
        people = trace.residents[inside].sum(axis=0)
        return (cap.population_persons - people[:, -1]) / (cap.population_persons - people[:, 0])
    if rule in SHARE_RULES:
        return np.array([tightest_share(rule, plan) for plan in zip(*trace.plans.columns[:2], strict=True)])
    measured, limit = RULES[rule].measured(trace), RULES[rule].limit(resolved)
    if rule in BUILT_UP:
        return measured / limit
    return np.nan_to_num((limit - measured) / limit if rule in CAPS else (measured - limit) / limit, nan=1.0)


def tightest_share(rule: str, plan: tuple[np.ndarray, np.ndarray]) -> float:
    start, intensity = plan
    renewed, left = int((start > 0).sum()), [1.0]
    for name, share in SHARES.items():
        of_it = int(((start > 0) & (intensity == [*Intensity].index(name))).sum())
        if renewed and rule == "intensity_share_most":
            left.append((share.high * renewed - of_it) / (share.high * renewed))
        elif renewed:
            left.append((of_it - share.low * renewed) / (share.low * renewed))
    return min(left)


def test_quota_left_is_that_of_the_open_year() -> None:
    game = game_with(RuleMode.PENALIZED, villages_per_year_by_year={2: 1, 3: 0})
    look, state = observer_of(game), reset(initial_state(game), 1)
    shown = []
    for action in (0, game.close_action, game.n_options, game.close_action, game.close_action):
        shown.append(float(look.overview(state)[0, QUOTA_LEFT]))
        step_in_place(game, state, np.array([action]))
    assert shown == pytest.approx([1.0, 2 / 3, 1.0, 0.0, 0.0])


def test_villages_show_their_own_district() -> None:
    game = game_with(RuleMode.PENALIZED, **limits())
    look, state = observer_of(game), reset(initial_state(game), 1)
    features = look.blank(1)
    look.refresh(features, state, np.array([0]))
    district = game.resolved.city.villages.district_idx
    village = int(np.flatnonzero(district == 1)[0])
    option = int(np.flatnonzero(game.space.option_mask[village] & (game.space.intensity == 2))[-1])
    move = step_in_place(game, state, np.array([village * game.n_options + option]))
    look.mark(features, state, move.started, move.village)
    floor = features[0, :, VILLAGE_FEATURES.index("district_floor_area_slack_here")]
    assert len(set(floor[district == 1].tolist())) == 1
    assert floor[village] < 1.0
    assert (floor[district != 1] == 1.0).all()
    places = features[0, :, VILLAGE_FEATURES.index("places")]
    assert (places[district == 1] != 1.0).all()
    assert (places[district != 1] == 1.0).all()


def test_targets_are_measured_when_a_year_closes() -> None:
    targets = (
        Target(indicator="displaced_tenants_share", at_most=0.3, mode=RuleMode.PENALIZED),
        Target(indicator="service_accessibility", at_least=0.01, mode=RuleMode.HARD),
        Target(indicator="mean_commute_km", at_most=0.001),
    )
    game = game_constants(resolve(Scenario(**FEW, targets=targets), twelve_villages()))
    look, told = observer_of(game), []
    for state in steps(game, 3, 4):
        seen = look.overview(state)
        if not state.unmeasured.any():
            found = evaluate(game.resolved, plans_of(game, state), precision=GAME_PRECISION).values
            tenants = (0.3 - found["displaced_tenants_share"]) / 0.3
            access = (found["service_accessibility"] - 0.01) / 0.01
            np.testing.assert_allclose(seen[:, TARGETS_MET], np.mean([tenants >= 0.0, access >= 0.0], axis=0))
            np.testing.assert_allclose(seen[:, TARGET_SLACK], np.clip(np.minimum(tenants, access), 0, 1), atol=1e-6)
            told.append(seen[:, TARGET_SLACK])
    assert np.ptp(np.stack(told)) > 0.01


def test_the_fields_lie_where_their_names_say() -> None:
    game = game_with(RuleMode.PENALIZED, **limits())
    look = observer_of(game)
    for state in steps(game, 2, 5):
        first = GLOBAL_FEATURES.index(f"{SLACK_RULES[0]}_slack")
        shown = look.overview(state)[:, first : first + len(SLACK_RULES)]
        np.testing.assert_allclose(shown, rule_slack(game, state), atol=1e-6)
