"""What `renewal seek` says at the end: every value searched, and what follows from them."""

from __future__ import annotations

import math
from pathlib import Path

from app.words.city_name import city_name, scenario_name
from app.words.console import COLUMNS, inside, percent_text, synthetic_text, table_text, unit_text, value_text, wrapped
from app.words.lever_text import lever_text
from app.words.target_text import target_text
from data.catalogue import text
from data.levers import Lever
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import RULES
from optimizers.goals.seek_result import IMPOSSIBLE, MET, SeekResult, Trial

HEADER_WIDTH = 24


def seek_text(resolved: ResolvedScenario, result: SeekResult, out: Path | None, language: str) -> str:
    """The whole closing message."""
    paragraphs = [
        _head(resolved, result, language),
        _table(result, language) if result.trials else "",
        "\n".join(line for words in statements(result, language) for line in wrapped(words, COLUMNS)),
        text("seek_searched", language, evaluations=result.evaluations, seconds=result.seconds)
        if result.trials
        else "",
        text("screening", language),
        synthetic_text(resolved.city.synthetic, language),
        text("files_at", language, path=out) if out is not None else "",
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _number(value: float, result: SeekResult, language: str) -> str:
    """A lever value in full, so that it can be typed back."""
    return f"{value:,.12g} {unit_text(result.span.lever.unit, language)}".removesuffix(" -")


def _head(resolved: ResolvedScenario, result: SeekResult, language: str) -> str:
    span, lever = result.span, result.span.lever
    current = text("seek_no_limit", language) if lever.current is None else _number(lever.current, result, language)
    head = text(
        "seek_head",
        language,
        city=city_name(resolved.city.name, language),
        scenario=scenario_name(resolved.scenario, language),
        label=lever.label[language],
        lever=lever.key,
        current=current,
        low=f"{span.low:,.12g}",
        high=f"{span.high:,.12g}",
        step=_number(span.step, result, language),
    )
    return "\n".join(wrapped(head, COLUMNS))


def _table(result: SeekResult, language: str) -> str:
    unit = unit_text(result.span.lever.unit, language)
    header = [
        f"{text('seek_value', language)} [{unit}]",
        text("seek_met", language),
        text("seek_missed", language),
        *(target_text(t, language) for t in result.targets),
    ]
    rows = [_row(trial, result, language) for trial in result.trials]
    return table_text(
        [*header, text("seek_plans", language), text("seek_every", language)], rows, header_width=HEADER_WIDTH
    )


def _row(trial: Trial, result: SeekResult, language: str) -> list[str]:
    attainment = trial.attainment
    missed = (
        percent_text(attainment.shortfall, digits=2)
        if math.isfinite(attainment.shortfall)
        else text("goal_no_plan", language)
        if attainment.plan is None
        else "-"
    )
    units = [INDICATORS[target.indicator].unit for target in result.targets]
    return [
        f"{trial.value:,.12g}",
        text("answer_yes" if attainment.met else "answer_no", language),
        missed,
        *(value_text(output, unit, language) for output, unit in zip(attainment.outputs.tolist(), units, strict=True)),
        f"{attainment.evaluations:,}",
        text("answer_yes" if attainment.exact and not attainment.met else "answer_no", language),
    ]


def statements(result: SeekResult, language: str) -> list[str]:
    """What was found and how sure it is, a sentence each."""
    lever, span = result.span.lever, result.span
    texts = [_outcome(result, language)]
    if result.outcome == MET and result.chosen is not None and result.chosen.value != span.start:
        nearer = "smaller" if span.start == span.low else "larger" if span.start == span.high else "nearer"
        key = "seek_least_proved" if result.least_is_proved else "seek_least_found"
        texts.append(text(key, language, nearer=text(f"seek_{nearer}", language)))
    if result.among_levels:
        texts.append(text("seek_levels", language))
    if not result.monotone:
        texts.append(text("seek_unevenly", language))
    if result.idle_rules:
        rules = [f"{RULES[name].label[language]} ({name})" for name in result.idle_rules]
        texts.append(text("seek_idle", language, rules=rules))
    if (lever.low is not None and span.low < lever.low) or (lever.high is not None and span.high > lever.high):
        low, high = ("?" if end is None else f"{end:,.12g}" for end in (lever.low, lever.high))
        texts.append(text("seek_outside", language, low=low, high=high))
    return texts


def _at(value: float, lever: Lever, language: str) -> str:
    return text("seek_at", language, lever=lever.label[language], value=lever_text(value, lever.unit, language))


def _outcome(result: SeekResult, language: str) -> str:
    lever, chosen = result.span.lever, result.chosen
    if result.outcome == IMPOSSIBLE and result.proof is not None:
        values = [_at(value, lever, language) for value in result.proof.values]
        return text(
            f"seek_{result.proof.kind}",
            language,
            targets=text("clause_separator", language).join(
                inside(target_text(target, language), language) for target in result.proof.targets
            ),
            values=values,
            rest=text("seek_rest", language) if lever.adds_plans and result.span.low < result.span.high else "",
        )
    if chosen is None or chosen.attainment.plan is None:
        return text("seek_no_plan", language)
    value = _at(chosen.value, lever, language)
    if result.outcome != MET:
        worst = int(chosen.attainment.shortfalls.argmax())
        missed = (
            percent_text(chosen.attainment.shortfall, digits=2) if math.isfinite(chosen.attainment.shortfall) else "-"
        )
        target = inside(target_text(result.targets[worst], language), language)
        key = "seek_not_met_every" if all(trial.attainment.exact for trial in result.trials) else "seek_not_met"
        return text(key, language, value=value, target=target, missed=missed)
    if lever.current == chosen.value:
        return text("seek_met_now", language, value=value)
    moved = None if lever.current is None else lever_text(chosen.value - lever.current, lever.unit, language)
    change = "" if moved is None else text("seek_change", language, change=moved)
    return text("seek_met_at", language, value=value, change=change)
