"""What bargaining brings to the options of a scenario, made where nobody has attached it yet."""

from __future__ import annotations

from data.scenario import Bargaining
from envs.choices.options import option_space
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.people.bargaining.table import table_digest, tabulate


def with_agreements(resolved: ResolvedScenario, *, like: ResolvedScenario | None = None) -> ResolvedScenario:
    """The scenario with its table of agreements where it looks at bargaining; as it is otherwise.

    Args:
        resolved: scenario resolved against a city.
        like: a scenario whose table may be the same; it is bargained over anew only where it may not be.

    Returns:
        The scenario, ready to be evaluated. To bargain over all options of Beijing takes half a minute.
    """
    if resolved.scenario.bargaining is Bargaining.OFF or resolved.agreements is not None:
        return resolved
    known = None if like is None else like.agreements
    if like is not None and known is not None and table_digest(like) == table_digest(resolved):
        return resolved.with_agreements(known)
    return resolved.with_agreements(tabulate(resolved, option_space(resolved.without_bargaining)))
