"""PlanRecord: what an episode leaves behind, enough to evaluate the plan again."""

from __future__ import annotations

from dataclasses import dataclass

from envs.kernel.plans import Plans, same_plans


@dataclass(frozen=True, eq=False)
class PlanRecord:
    """A finished plan and where it comes from.

    Attributes:
        plan: batch of one plan.
        digest: of city, scenario and parameters (ResolvedScenario.digest).
        seed: of the episode; None where none was given.
        objectives: outcome by name, natural units, at the environment's precision.
        valid: whether every hard rule holds.
        violations: relative excess by rule, hard and penalized ones that do not hold.
    """

    plan: Plans
    digest: str
    seed: int | None
    objectives: dict[str, float]
    valid: bool
    violations: dict[str, float]

    def __eq__(self, other: object) -> bool:
        """Equal plan, origin and outcome."""
        if not isinstance(other, PlanRecord):
            return NotImplemented
        mine, theirs = ((r.digest, r.seed, r.objectives, r.valid, r.violations) for r in (self, other))
        return mine == theirs and same_plans(self.plan, other.plan)

    __hash__ = None  # type: ignore[assignment]
