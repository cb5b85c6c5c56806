"""`renewal train` and `renewal plan`: learn a policy, and let it plan."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.runs.names import ExitCode
from app.words.console import Language
from data.errors import refusal

if TYPE_CHECKING:
    import numpy as np

LARGEST_SEED = 2**32 - 1
"""That NumPy's older generators take, with which Stable-Baselines3 shuffles."""
METHOD_HELP = "policy, or greedy: the same without what was learned."
STEPS_PER_ITERATION_HELP = "Decisions to learn from, to the end of an iteration."


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("train")(train)
    renewal.command("plan")(plan)


def train(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the policy; new, empty, or with --resume.")],
    city: Annotated[list[str] | None, typer.Option(metavar="CITY", help="City to learn from; may be repeated.")] = None,
    generate: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Draw cities of so many villages; 20-60 where no city is given.")
    ] = None,
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Preset name or YAML file.")] = "balanced",
    steps: Annotated[int | None, typer.Option(min=1, help=STEPS_PER_ITERATION_HELP)] = None,
    minutes: Annotated[float | None, typer.Option(help="Time to learn; 30 if no budget is given.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Of cities, preferences and choices.")] = 0,
    learning_rate: Annotated[float, typer.Option(help="Of Adam.")] = 1.5e-3,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda: where the network learns.")] = "cpu",
    begin: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Begin with this policy, not the greedy one.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the training in --out stands.")] = False,
) -> None:
    """Train a policy by PPO; the best one so far is always in DIR, and Ctrl-C keeps it."""
    if city and generate is not None:
        raise refusal("give either --city or --generate", layer="--city, --generate")
    if minutes is not None and not 0.0 < minutes < math.inf:
        raise refusal(f"must be a number above 0, found {minutes:g}", layer="--minutes")
    if not 0.0 < learning_rate <= 1.0:
        raise refusal(f"must be above 0 and at most 1, found {learning_rate:g}", layer="--learning-rate")
    if device not in ("auto", "cpu", "cuda"):
        raise refusal(f"must be auto, cpu or cuda, found {device!r}", layer="--device")
    try:
        import sb3_contrib  # noqa: F401 - only to learn whether it is there
    except ImportError:
        raise refusal("training needs the extra `train`: pip install -e '.[train]'") from None
    from app.runs.policy_training import TrainingRequest, ended_text, train_into

    if steps is None and minutes is None:
        minutes = 30.0
    request = TrainingRequest(
        tuple(city or ()),
        "20-60" if generate is None else generate,
        scenario,
        steps,
        minutes,
        seed,
        learning_rate,
        device,
        begin,
        resume,
    )
    done = train_into(out, request)
    print(f"{out}: {ended_text(done)}")
    if done.reason == "stopped":
        raise typer.Exit(ExitCode.INTERRUPTED)


def plan(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Run folder to write; must be new or empty.")],
    city: Annotated[str, typer.Option(metavar="CITY", help="Embedded city name or GeoPackage.")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Preset name or YAML file.")],
    policy: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Of `renewal train`; by default the shipped one.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="NAME=W,...", help="One preference; objectives not named weigh 0.")
    ] = None,
    front: Annotated[
        int | None, typer.Option(min=1, max=2_000, metavar="N", help="Plan for N preferences instead.")
    ] = None,
    method: Annotated[str, typer.Option(help=METHOD_HELP)] = "policy",
    threads: Annotated[int, typer.Option(min=1, help="Worker threads.")] = 2,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")
    ] = None,
) -> None:
    """Let a trained policy plan: one plan for the preference given (the scenario's by default), or a front of N."""
    from agents.policy.files import SHIPPED, read_policy
    from app.files.atomic import check_new_folder
    from app.runs.loading import load_resolved
    from app.runs.policy_plans import METHODS, POLICY, PlanRequest, plan_into
    from app.runs.summary import summary_text
    from app.words.console import default_language
    from data.parameter import unknown_name

    if weights is not None and front is not None:
        raise refusal("give either --weights or --front", layer="--weights, --front")
    if method not in METHODS:
        raise refusal(f"method {unknown_name(method, METHODS)}; methods are {', '.join(METHODS)}", layer="--method")
    if policy is not None and method != POLICY:
        raise refusal(f"{method} plans without a policy; leave --policy out", layer="--method, --policy")
    check_new_folder(out)
    stored = read_policy(policy or SHIPPED)
    resolved = load_resolved(city, scenario)
    preference = None if front is not None else _preference(weights, resolved.scenario.objectives, resolved)
    request = PlanRequest(city, preference, front or 1, method, threads)
    report = plan_into(out, resolved, stored, request)
    print(summary_text(resolved, report, out, lang or default_language()))
    sys.stdout.flush()


def _preference(text: str | None, objectives: tuple[str, ...], resolved: object) -> np.ndarray:
    """Weights from NAME=W,...; the scenario's preferences where none are given."""
    from envs.game.reward import weight_vector

    if text is None:
        return weight_vector(resolved.scenario.preferences, objectives)  # type: ignore[attr-defined]
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (word.strip() for word in part.partition("="))
        if name in found:
            raise refusal(f"{name} is given twice", layer="--weights")
        try:
            found[name] = float(number)
        except ValueError:
            raise refusal(f"must be like NAME=0.5,NAME=0.5, found {part.strip()!r}", layer="--weights") from None
    return weight_vector(found, objectives)
