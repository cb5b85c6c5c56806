"""What goal seeking finds: trials of lever values, proofs that targets are out of reach, and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.scenario import Target
from envs.kernel.indicators.registry import indicator
from optimizers.goals.lever_range import LeverRange
from optimizers.goals.target_attainment import Attainment

MET, IMPOSSIBLE, NOT_MET = "met", "impossible", "not_met"
SHARES = ("share", "0..1")
"""Units of indicators that are parts of a whole."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A lever value and the plan that comes nearest to the targets there.

    Attributes:
        value: of the lever.
        attainment: the plan.
    """

    value: float
    attainment: Attainment


@dataclass(frozen=True)
class Proof:
    """Why no value in range meets the targets.

    Attributes:
        kind: "definition" of an indicator, certified "bound", or "enumeration" of every plan.
        targets: those that cannot be reached alone ("definition", "bound"), else all, which no plan meets together.
        values: lever values that the proof is about; the others in range allow no plan besides.
    """

    kind: str
    targets: tuple[Target, ...]
    values: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class SeekResult:
    """What goal seeking found.

    Attributes:
        outcome: MET, IMPOSSIBLE or NOT_MET.
        span: the range.
        targets: what was wanted.
        trials: every value searched, ascending, each with its best plan.
        chosen: the trial that meets the targets with the least change, or that comes nearest; None if none was made.
        proof: of IMPOSSIBLE.
        least_is_proved: True if it is certain that no plan at a nearer value meets the targets, to the step: every plan
            there was evaluated, or a certified bound rules a target out.
        monotone: False if values farther from the start miss targets that nearer ones meet, by the best plans found.
        idle_rules: rules whose limit the lever moves but which are not hard in the scenario, so that they bind nothing.
        evaluations: plans evaluated in all.
        seconds: wall time.
    """

    outcome: str
    span: LeverRange
    targets: tuple[Target, ...]
    trials: tuple[Trial, ...]
    chosen: Trial | None
    proof: Proof | None
    least_is_proved: bool
    monotone: bool
    idle_rules: tuple[str, ...]
    evaluations: int
    seconds: float

    @property
    def among_levels(self) -> bool:
        """Whether what is proved rests on enumeration, which speaks only of the levels that searches choose among."""
        if self.proof is not None:
            return self.proof.kind == "enumeration"
        return self.least_is_proved and any(t.attainment.exact and not t.attainment.met for t in self.trials)


def proof_by_definition(targets: Sequence[Target]) -> Proof | None:
    """Targets beyond what their indicators can be by definition: a part of a whole lies within 0..1."""
    beyond = tuple(
        target
        for target in targets
        if indicator(target.indicator).unit in SHARES
        and ((target.at_least or 0.0) > 1.0 + 1e-9 or (target.at_most is not None and target.at_most < -1e-9))
    )
    return Proof("definition", beyond) if beyond else None
