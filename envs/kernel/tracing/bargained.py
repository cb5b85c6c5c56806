"""Plans under bargaining: on which terms each village is renewed, and how much of it counts."""

from __future__ import annotations

from dataclasses import replace

from data.errors import refuse
from data.scenario import Bargaining
from envs.kernel.agreements import BargainedTerms, terms_of_plans
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario


def bargained_terms(resolved: ResolvedScenario, plans: Plans) -> BargainedTerms | None:
    """What bargaining brings to plans, as the scenario's table has it.

    A plan between the levels of the table takes what its nearest option brings. A plan's own multiplier, on-site share
    and delay win over the table's, but the probability stays that of the option.

    Args:
        resolved: scenario resolved against a city.
        plans: canonical, shape (n_plans, n_villages).

    Returns:
        See BargainedTerms; None where the scenario leaves bargaining out.

    Raises:
        InputError: the scenario asks for bargaining, and its table is not there.
    """
    if resolved.scenario.bargaining is Bargaining.OFF:
        return None
    table = resolved.constants_like(plans.floor_area_ratio, array_namespace(plans.floor_area_ratio).float64).agreements
    if table is None:
        raise refuse("bargaining_table_missing", layer="scenario bargaining", mode=resolved.scenario.bargaining.value)
    return terms_of_plans(table, plans)


def counted_plans(resolved: ResolvedScenario, plans: Plans) -> tuple[Plans, Array | None]:
    """Plans on the terms that are counted, and the share with which each village counts, (n_plans, n_villages).

    Where the scenario does not count bargaining, the plans as they are and None.
    """
    if resolved.scenario.bargaining is not Bargaining.COUNTED:
        return plans, None
    terms = bargained_terms(resolved, plans)
    assert terms is not None
    agreed = replace(
        plans,
        compensation_multiplier=terms.compensation_multiplier,
        onsite_share=terms.onsite_share,
        delay_yr=terms.calendar_delay_yr,
    )
    return agreed, terms.probability
