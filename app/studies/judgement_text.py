"""What `renewal judge` says: how the plan was read, what it is worth beside the front, and the ladder of mending."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.plans.mapped_plan import MappedPlan
from app.plans.reading_text import reading_text
from app.plans.rule_table import broken_hard_rules, findings_text
from app.studies.judgement_files import APPROXIMATIONS_FILE, estimate_record, least_gaps
from app.studies.plan_judgement import PlanJudgement
from app.words.console import COLUMNS, percent_text, synthetic_text, table_text, value_text, wrapped
from data.catalogue import text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from optimizers.mending.gap import ON_FRONT

HEADER_WIDTH = 18
SHOWN_DOMINATING = 3


def judgement_text(
    resolved: ResolvedScenario, brought: MappedPlan, judged: PlanJudgement, out: Path | None, language: str
) -> str:
    """The whole closing message."""
    listed_in = None if out is None else APPROXIMATIONS_FILE
    paragraphs = [
        reading_text(brought.notes, brought.approximations, language, listed_in=listed_in),
        findings_text(judged.asked.findings, language),
        "\n".join(line for words in verdict_lines(judged, language) for line in wrapped(words, COLUMNS)),
        ladder_text(judged, language) if judged.steps else "",
        "\n".join(line for words in fewest_lines(judged, language) for line in wrapped(words, COLUMNS)),
        text("screening", language),
        synthetic_text(resolved.city.synthetic, language),
        text("files_at", language, path=out) if out is not None else "",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def verdict_lines(judged: PlanJudgement, language: str) -> list[str]:
    """What the plan is worth beside the front, a sentence each."""
    worth = [
        f"{INDICATORS[name].label[language]} {value_text(float(value), INDICATORS[name].unit, language)}"
        for name, value in zip(judged.objectives, judged.mapped.reached, strict=True)
    ]
    lines = [text("judge_worth", language, values=worth)]
    if not judged.dominating:
        key = "judge_not_dominated" if judged.mapped.gap <= 0.0 else "judge_behind"
        return [*lines, text(key, language, gap=judged.mapped.gap, nearest=judged.nearest)]
    lines.append(text("judge_dominated", language, n=len(judged.dominating), gap=max(judged.mapped.gap, 0.0)))
    for name, lead in zip(judged.dominating[:SHOWN_DOMINATING], judged.lead, strict=False):
        parts = [
            f"{INDICATORS[objective].label[language]} "
            + value_text(float(amount * sign), INDICATORS[objective].unit, language, signed=True)
            for objective, amount, sign in zip(judged.objectives, lead, judged.signs, strict=True)
        ]
        lines.append(text("judge_better_by", language, plan=name, values=parts))
    return lines


def ladder_text(judged: PlanJudgement, language: str) -> str:
    """The ladder as a table: changes, gap to the front, each objective's change, hard rules broken."""
    least = [None, *least_gaps(judged)]
    header = [text(f"judge_{name}", language) for name in ("changes", "gap", "least_gap")]
    header += [INDICATORS[name].label[language] for name in judged.objectives]
    header += [text("judge_rules_broken", language)]
    rows = []
    told = [(0, judged.mapped), *((step.rung.changes, step.verdict) for step in judged.steps)]
    for (changes, verdict), expected in zip(told, least, strict=True):
        moved = verdict.reached - judged.mapped.reached
        rows.append(
            [
                f"{changes}",
                percent_text(verdict.gap, digits=2),
                "" if expected is None else percent_text(expected, digits=2),
                *(
                    value_text(float(amount), INDICATORS[name].unit, language, signed=True)
                    for name, amount in zip(judged.objectives, moved, strict=True)
                ),
                f"{len(broken_hard_rules(verdict.findings))}",
            ]
        )
    return table_text(header, rows, header_width=HEADER_WIDTH)


def estimate_line(estimate: Mapping[str, Any], most: int, language: str) -> str:
    """How few changes may suffice by the linear model, in a sentence.

    Args:
        estimate: as `estimate_record` gives it.
        most: changes of the last rung.
        language: of whoever reads.
    """
    values = {"most": most, "gap": estimate["least_gap"][-1], "error": estimate["largest_error"]}
    never = estimate["least_changes"] is None
    key = "judge_estimate_never" if never else "judge_estimate"
    return text(key, language, least=estimate["least_changes"], within=percent_text(ON_FRONT, digits=0), **values)


def fewest_lines(judged: PlanJudgement, language: str) -> list[str]:
    """How few changes suffice, and how sure that is."""
    if judged.ladder is None:
        return []
    lines = []
    if judged.proven_for_rules > 0 or judged.fewest_within_rules:
        found = judged.fewest_within_rules
        key = "judge_rules_not_reached" if found is None else "judge_rules_reached"
        lines.append(text(key, language, n=found or 0, least=judged.proven_for_rules))
    most = judged.steps[-1].rung.most if judged.steps else 0
    if judged.fewest_on_front is None:
        lines.append(text("judge_front_not_reached", language, most=most, within=percent_text(ON_FRONT, digits=0)))
    elif judged.fewest_on_front == 0:
        lines.append(text("judge_front_already", language, within=percent_text(ON_FRONT, digits=0)))
    else:
        lines.append(
            text("judge_front_reached", language, n=judged.fewest_on_front, within=percent_text(ON_FRONT, digits=0))
        )
    if judged.ladder.estimate is not None and judged.fewest_on_front != 0:
        lines.append(estimate_line(estimate_record(judged), most, language))
    lines.append(text("judge_effort", language, evaluations=judged.ladder.evaluations, seconds=judged.ladder.seconds))
    if judged.ladder.stopped_by_time:
        lines.append(text("judge_stopped_by_time", language))
    return lines
