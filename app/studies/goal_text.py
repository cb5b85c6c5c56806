"""What `renewal seek` says at the end: every value searched, and what follows from them."""

from __future__ import annotations

import math
from pathlib import Path

from app.words.console import COLUMNS, synthetic_text, table_text, unit_text, value_text, wrapped
from app.words.target_text import target_text
from data.catalogue import text
from envs.kernel import ResolvedScenario
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import RULES
from optimizers.goals.goal_seeking import IMPOSSIBLE, MET, SeekResult, Trial

HEADER_WIDTH = 24
_WORDS = {
    "en": {
        "head": "{city}, {scenario}: {label} ({key}), now {current}; searched {low} to {high} in steps of {step}",
        "no_limit": "no limit",
        "value": "value",
        "met": "all targets met",
        "yes": "yes",
        "no": "no",
        "missed": "largest shortfall",
        "plans": "plans evaluated",
        "every": "every plan",
        "none": "no valid plan",
        "met_now": "Met as it is: at {key} = {value} a plan meets all targets, so the least change is none.",
        "met_at": "Met at {key} = {value}{change}.",
        "change": ", a change of {change}",
        "least_proved": "{nearer}, to the step of the search, no plan does: that is proved.",
        "least_found": "{nearer}, no plan was found that does; that is a search, not a proof.",
        "smaller": "At smaller values in range",
        "larger": "At larger values in range",
        "nearer": "Nearer to the present value",
        "definition": "Proved impossible in range: {targets} lies beyond what the indicator can be by definition.",
        "enumeration": "Proved impossible in range: every plan at {values} was evaluated and none meets all "
        "targets{rest}.",
        "bound": "Proved impossible in range: at {values} a certified bound rules out {targets}{rest}.",
        "rest": "; smaller values only allow fewer plans",
        "not_met": "Not met, and not proved impossible: the closest plan, at {key} = {value}, misses {target} by "
        "{missed} of the target. With more plans evaluated at each value a better one may be found.",
        "not_met_every": "Not met, and not proved impossible: the closest plan, at {key} = {value}, misses {target} by "
        "{missed} of the target. Every plan at the values searched was evaluated; values between them were not.",
        "levels": "This holds for plans of the levels that searches choose among (the scenario's density_levels and "
        "facility_levels); floor-area and facility ratios between them were not tried.",
        "no_plan": "Not met, and not proved impossible: no plan that respects every hard rule was found.",
        "unevenly": "The answer changes more than once along the range: values between those searched may differ too.",
        "idle": "The lever moves the limit of a rule that is not hard in this scenario, so it binds nothing: {rules}.",
        "outside": "The range reaches beyond the plausible values of this parameter, {low} to {high}.",
        "searched": "{evaluations:,} plans evaluated in {seconds:,.1f} s.",
        "files": "Files",
    },
    "zh": {
        "head": "{city}，{scenario}：{label}（{key}），现为 {current}；搜索 {low} 至 {high}，步长 {step}",
        "no_limit": "无限制",
        "value": "取值",
        "met": "目标全部达到",
        "yes": "是",
        "no": "否",
        "missed": "最大相对差距",
        "plans": "评估方案数",
        "every": "穷举",
        "none": "无有效方案",
        "met_now": "现值即可达到：{key} = {value} 时已有方案达到全部目标，无需调整。",
        "met_at": "{key} = {value} 时达到{change}。",
        "change": "，调整量 {change}",
        "least_proved": "{nearer}（按步长）没有方案能达到：已证明。",
        "least_found": "{nearer}，未搜索到可达到的方案；这是搜索结果，并非证明。",
        "smaller": "在范围内更小的取值处",
        "larger": "在范围内更大的取值处",
        "nearer": "在更接近现值处",
        "definition": "已证明范围内不可能：{targets} 超出该指标定义所能取的值。",
        "enumeration": "已证明范围内不可能：已穷举 {values} 处的全部方案，均不能达到全部目标{rest}。",
        "bound": "已证明范围内不可能：{values} 时，经证明的界限排除了 {targets}{rest}。",
        "rest": "；更小的取值只会减少可选方案",
        "not_met": "未达到，也未证明不可能：最接近的方案（{key} = {value}）与目标 {target} 相差该目标的 {missed}。"
        "增加每个取值的评估方案数，或可找到更好的方案。",
        "not_met_every": "未达到，也未证明不可能：最接近的方案（{key} = {value}）与目标 {target} 相差该目标的 "
        "{missed}。已穷举所搜索各取值处的全部方案；其间的取值未搜索。",
        "levels": "该结论仅限于搜索所用档位（情景的 density_levels 与 facility_levels）内的方案；"
        "档位之间的容积率与设施配比未搜索。",
        "no_plan": "未达到，也未证明不可能：未找到满足全部硬性规则的方案。",
        "unevenly": "范围内达到与否并非只变化一次：未搜索的取值也可能不同。",
        "idle": "该变量所调整的规则限值在本情景中不是硬性的，因此不起约束作用：{rules}。",
        "outside": "搜索范围超出该参数的合理区间 {low} 至 {high}。",
        "searched": "{seconds:,.1f} 秒内评估方案 {evaluations:,} 个。",
        "files": "文件",
    },
}


def seek_text(resolved: ResolvedScenario, result: SeekResult, out: Path | None, language: str) -> str:
    """The whole closing message."""
    words = _WORDS[language]
    parts = [
        _head(resolved, result, language),
        _table(result, language) if result.trials else "",
        "\n".join(line for text in statements(result, language) for line in wrapped(text, COLUMNS)),
        words["searched"].format(evaluations=result.evaluations, seconds=result.seconds) if result.trials else "",
        text("screening", language),
        synthetic_text(resolved.city.synthetic, language),
        f"{words['files']}: {out}" if out is not None else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _number(value: float, result: SeekResult, language: str) -> str:
    """A lever value in full, so that it can be typed back."""
    return f"{value:,.12g} {unit_text(result.span.lever.unit, language)}".removesuffix(" -")


def _head(resolved: ResolvedScenario, result: SeekResult, language: str) -> str:
    span, lever, words = result.span, result.span.lever, _WORDS[language]
    current = words["no_limit"] if lever.current is None else _number(lever.current, result, language)
    text = words["head"].format(
        city=resolved.city.name,
        scenario=resolved.scenario.name,
        label=lever.label[language],
        key=lever.key,
        current=current,
        low=f"{span.low:,.12g}",
        high=f"{span.high:,.12g}",
        step=_number(span.step, result, language),
    )
    return "\n".join(wrapped(text, COLUMNS))


def _table(result: SeekResult, language: str) -> str:
    words = _WORDS[language]
    unit = unit_text(result.span.lever.unit, language)
    header = [
        f"{words['value']} [{unit}]",
        words["met"],
        words["missed"],
        *(target_text(t, language) for t in result.targets),
    ]
    rows = [_row(trial, result, language) for trial in result.trials]
    return table_text([*header, words["plans"], words["every"]], rows, header_width=HEADER_WIDTH)


def _row(trial: Trial, result: SeekResult, language: str) -> list[str]:
    words, found = _WORDS[language], trial.attainment
    missed = (
        f"{found.shortfall:.2%}" if math.isfinite(found.shortfall) else words["none"] if found.plan is None else "-"
    )
    units = [INDICATORS[target.indicator].unit for target in result.targets]
    return [
        f"{trial.value:,.12g}",
        words["yes" if found.met else "no"],
        missed,
        *(value_text(output, unit, language) for output, unit in zip(found.outputs.tolist(), units, strict=True)),
        f"{found.evaluations:,}",
        words["yes" if found.exact and not found.met else "no"],
    ]


def statements(result: SeekResult, language: str) -> list[str]:
    """What was found and how sure it is, a sentence each."""
    words, lever, span = _WORDS[language], result.span.lever, result.span
    texts = [_outcome(result, language)]
    if result.outcome == MET and result.chosen is not None and result.chosen.value != span.start:
        nearer = "smaller" if span.start == span.low else "larger" if span.start == span.high else "nearer"
        key = "least_proved" if result.least_is_proved else "least_found"
        texts.append(words[key].format(nearer=words[nearer]))
    if result.among_levels:
        texts.append(words["levels"])
    if not result.monotone:
        texts.append(words["unevenly"])
    if result.idle_rules:
        rules = ", ".join(f"{RULES[name].label[language]} ({name})" for name in result.idle_rules)
        texts.append(words["idle"].format(rules=rules))
    if (lever.low is not None and span.low < lever.low) or (lever.high is not None and span.high > lever.high):
        low, high = ("?" if end is None else f"{end:,.12g}" for end in (lever.low, lever.high))
        texts.append(words["outside"].format(low=low, high=high))
    return texts


def _outcome(result: SeekResult, language: str) -> str:
    words, lever, chosen = _WORDS[language], result.span.lever, result.chosen
    if result.outcome == IMPOSSIBLE and result.proof is not None:
        values = ", ".join(f"{lever.key} = {value:,.12g}" for value in result.proof.values)
        return words[result.proof.kind].format(
            targets="; ".join(target_text(target, language) for target in result.proof.targets),
            values=values,
            rest=words["rest"] if lever.adds_plans and result.span.low < result.span.high else "",
        )
    if chosen is None or chosen.attainment.plan is None:
        return words["no_plan"]
    value = _number(chosen.value, result, language)
    if result.outcome != MET:
        worst = int(chosen.attainment.shortfalls.argmax())
        missed = f"{chosen.attainment.shortfall:.2%}" if math.isfinite(chosen.attainment.shortfall) else "-"
        target = target_text(result.targets[worst], language)
        text = words["not_met_every" if all(trial.attainment.exact for trial in result.trials) else "not_met"]
        return text.format(key=lever.key, value=value, target=target, missed=missed)
    if lever.current == chosen.value:
        return words["met_now"].format(key=lever.key, value=value)
    moved = None if lever.current is None else _number(chosen.value - lever.current, result, language)
    change = "" if moved is None else words["change"].format(change=moved)
    return words["met_at"].format(key=lever.key, value=value, change=change)
