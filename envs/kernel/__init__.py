"""The kernel: pure, batched functions over arrays; `evaluate` is the one evaluator."""

from envs.kernel.evaluate import REPORT, SEARCH, Outcomes, Precision, evaluate
from envs.kernel.plans import Plans
from envs.kernel.resolve import resolve
from envs.kernel.resolved_scenario import ResolvedScenario

__all__ = ["REPORT", "SEARCH", "Outcomes", "Plans", "Precision", "ResolvedScenario", "evaluate", "resolve"]
