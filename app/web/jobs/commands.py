"""What `renewal` is called with for an order: one row of COMMANDS each, and the queue knows no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

POLICY_PLANS = 100
"""Preferences it plans for in the room."""


@dataclass(frozen=True)
class SearchOrder:
    """What a planner asks for; a budget is evaluations, minutes or both.

    Attributes:
        city: name or path.
        algorithm: of the search.
        seed: of the generator.
        evaluations: plans to evaluate; None = no such bound.
        minutes: time to search; None = no such bound.
        threads: worker threads.
        seed_run: run whose plans the search begins with; empty = none.
        command: a row of COMMANDS.
        with_policy: whether a search begins with the plans of the policy.
        plan: of seed_run, whose rest is planned again; empty = none.
        year: first year that is open then.
        actuals: file of what has happened by then; empty = all went as planned.
        title: what people call it; empty = scenario, city and time.
    """

    city: str
    algorithm: str
    seed: int
    evaluations: int | None
    minutes: float | None
    threads: int = 1
    seed_run: str = ""
    command: str = "search"
    with_policy: bool = True
    plan: str = ""
    year: int = 0
    actuals: str = ""
    title: str = ""


class Untimed:
    """An order that takes as long as it takes."""

    minutes: ClassVar[None] = None


@dataclass(frozen=True)
class GoalOrder(Untimed):
    """What a planner wants to know: what it takes of one number to reach the targets of the scenario.

    Attributes:
        city: name or path.
        lever: the number.
        low: least value tried.
        high: largest value tried.
        evaluations: plans at each value.
        seed: of the generator.
        threads: worker threads.
        seed_run: always empty; a goal begins with several runs.
        command: a row of COMMANDS.
        seed_runs: runs whose plans are tried first at every value.
    """

    city: str
    lever: str
    low: float
    high: float
    evaluations: int
    seed: int
    threads: int = 1
    seed_run: str = ""
    command: str = "goal"
    seed_runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class StressOrder(Untimed):
    """What a planner asks for: plans of a run in futures of markets and in worlds.

    Attributes:
        city: name or path.
        seed_run: run whose plans are measured.
        plans: of it; none = all of its front.
        futures: how many.
        worlds: among which they are dealt out; 0 = prices move alone.
        sobol: base sample of Sobol indices; 0 = none.
        seed: of the futures.
        threads: worker threads.
        command: a row of COMMANDS.
    """

    city: str
    seed_run: str
    plans: tuple[str, ...] = ()
    futures: int = 10_000
    worlds: int = 0
    sobol: int = 0
    seed: int = 0
    threads: int = 1
    command: str = "stress"

    @property
    def evaluations(self) -> int:
        """Whole evaluations of every plan, at least."""
        return max(1, self.worlds)


@dataclass(frozen=True)
class RobustOrder(Untimed):
    """What a planner asks for: in how many good plans, also beside the front of a run, every village is chosen.

    Attributes:
        city: name or path.
        seed_run: run whose front it is.
        within: what a plan nearly as good may lose in each objective [anchor ranges].
        walks: away from the best plan of each preference.
        samples: of the parameters; 0 = none.
        seed: of all random choices.
        threads: worker threads.
        command: a row of COMMANDS.
    """

    city: str
    seed_run: str
    within: float = 0.02
    walks: int = 8
    samples: int = 12
    seed: int = 0
    threads: int = 1
    command: str = "robust"

    @property
    def evaluations(self) -> int:
        """Searches and walks, at least."""
        return max(1, self.walks + self.samples)


Order = SearchOrder | GoalOrder | StressOrder | RobustOrder


@dataclass(frozen=True)
class JobPaths:
    """Where the files of a job lie.

    Attributes:
        scenario: the scenario as ordered.
        out: run folder to write.
        trials: lines of what a goal has tried.
        seed_run: run folder to begin with; None = none.
        phases: lines of what phase a search is in, and of its first plans.
    """

    scenario: Path
    out: Path
    trials: Path
    seed_run: Path | None
    phases: Path


def optimize_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that begin a search."""
    assert isinstance(order, SearchOrder)
    arguments = ["optimize", "--city", order.city, "--scenario", str(paths.scenario), "--out", str(paths.out)]
    arguments += _how(order)
    arguments += [] if paths.seed_run is None else ["--seed-plans", str(paths.seed_run)]
    return [*arguments, "--phases", str(paths.phases)]


def _how(order: SearchOrder) -> list[str]:
    """By which algorithm, how long."""
    arguments = ["--algorithm", order.algorithm, "--seed", str(order.seed), "--threads", str(order.threads)]
    arguments += [] if order.evaluations is None else ["--evaluations", str(order.evaluations)]
    arguments += [] if order.minutes is None else ["--minutes", repr(float(order.minutes))]
    return arguments + ([] if order.with_policy else ["--no-policy"])


def replan_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that plan the rest of a plan again."""
    assert isinstance(order, SearchOrder)
    assert paths.seed_run is not None
    arguments = ["optimize", "--from", str(paths.seed_run), "--plan", order.plan, "--year", str(order.year)]
    arguments += ["--actuals", order.actuals] if order.actuals else []
    arguments += ["--out", str(paths.out), "--city", order.city, *_how(order)]
    return [*arguments, "--phases", str(paths.phases)]


def resume_arguments(order: Order, paths: JobPaths) -> list[str]:  # noqa: ARG001 - the run folder knows the order
    """Arguments that go on with a stopped search."""
    return ["optimize", "--resume", "--out", str(paths.out), "--phases", str(paths.phases)]


def policy_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that let the shipped policy plan for as many preferences as plans were asked for."""
    assert isinstance(order, SearchOrder)
    arguments = ["plan", "--city", order.city, "--scenario", str(paths.scenario), "--out", str(paths.out)]
    arguments += ["--front", str(order.evaluations), "--threads", str(order.threads)]
    return [*arguments, "--phases", str(paths.phases)]


def seek_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that seek a goal, from the beginning."""
    assert isinstance(order, GoalOrder)
    arguments = ["seek", "--city", order.city, "--scenario", str(paths.scenario), "--out", str(paths.out)]
    arguments += ["--lever", order.lever, "--range", f"{order.low:.12g}", f"{order.high:.12g}"]
    arguments += ["--evaluations", str(order.evaluations), "--seed", str(order.seed), "--threads", str(order.threads)]
    for run in order.seed_runs:
        arguments += ["--seed-plans", str(paths.out.parent / run)]
    return [*arguments, "--trials", str(paths.trials)]


def stress_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that measure plans in futures, from the beginning."""
    assert isinstance(order, StressOrder)
    assert paths.seed_run is not None
    arguments = ["stress", "--run", str(paths.seed_run), "--out", str(paths.out), "--city", order.city]
    arguments += [word for plan in order.plans for word in ("--plan", plan)]
    arguments += ["--futures", str(order.futures), "--worlds", str(order.worlds), "--sobol", str(order.sobol)]
    return [*arguments, "--seed", str(order.seed), "--threads", str(order.threads)]


def robust_arguments(order: Order, paths: JobPaths) -> list[str]:
    """Arguments that count good plans, from the beginning."""
    assert isinstance(order, RobustOrder)
    assert paths.seed_run is not None
    arguments = ["robust", "--run", str(paths.seed_run), "--out", str(paths.out), "--city", order.city]
    arguments += ["--within", repr(order.within), "--walks", str(order.walks), "--samples", str(order.samples)]
    return [*arguments, "--seed", str(order.seed), "--threads", str(order.threads)]


@dataclass(frozen=True)
class JobCommand:
    """What `renewal` is called with for one kind of order.

    Attributes:
        begin: arguments for an order.
        resume: arguments that go on after a stop.
    """

    begin: Callable[[Order, JobPaths], list[str]]
    resume: Callable[[Order, JobPaths], list[str]]


COMMANDS = {
    "search": JobCommand(optimize_arguments, resume_arguments),
    "replan": JobCommand(replan_arguments, resume_arguments),
    "policy": JobCommand(policy_arguments, policy_arguments),
    "goal": JobCommand(seek_arguments, seek_arguments),
    "stress": JobCommand(stress_arguments, stress_arguments),
    "robust": JobCommand(robust_arguments, robust_arguments),
}
