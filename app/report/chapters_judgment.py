"""Chapters that judge the plan: targets, rules, and the alternatives on its front."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from app.compliance.words import limit_text_of, verdict_line
from app.plans.candidates import candidates, letter_of
from app.plans.recommendation import normalized, preset_label
from app.plans.rule_table import verdict_kind
from app.report.chapters_compliance import basis_blocks, exception_blocks
from app.report.document import Block, Gallery, Heading, Key, PageBreak, Paragraph, Picture, Table, name_text
from app.report.pictures import BASE_COLOR, FRONT_COLOR, THIS_COLOR, front_png
from app.report.subject import Subject
from app.runs.record import AnchorRange
from app.words.console import axis_scale, inside, percent_text, said_of, value_text
from app.words.target_text import target_text
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import Finding

MOST_TRADEOFFS = 4
MOST_ALTERNATIVES = 12
MOST_CHART_OBJECTIVES = 3
SHOWN_VILLAGES = 4
BESIDE = ("renewed_villages", "total_cost_cny", "peak_funding_cny")
"""Shown of every alternative beside the objectives."""


def targets(subject: Subject) -> Iterator[Block]:
    """The scorecard."""
    yield PageBreak()
    yield Heading(subject.say("report_targets"))
    if not subject.scores:
        yield Paragraph(subject.say("no_targets"))
        return
    rows = tuple(
        (
            target_text(score.target, subject.language),
            subject.shown(score.target.indicator, score.output),
            subject.say("met" if score.met else "not_met"),
        )
        for score in subject.scores
    )
    header = tuple(subject.say(f"column_{name}") for name in ("target", "output", "met"))
    yield Table(header, rows, "lrl", (5, 2.5, 1.5))


def rules(subject: Subject) -> Iterator[Block]:
    """Rule by rule: whether it holds, by how much, what the scenario makes of it; clauses broken, and exceptions."""
    yield Heading(subject.say("report_rules"))
    verdict = verdict_line(subject.compliance, subject.language)
    yield Paragraph(verdict, "body" if verdict_kind(subject.findings) == "holds" else "warning")
    rows = tuple(
        (
            item.label[subject.language],
            subject.say(f"mode_{item.mode}"),
            subject.say("report_rule_holds" if item.holds else "report_rule_broken"),
            value_text(item.measured, item.unit, subject.language),
            limit_text_of(item, subject.language),
            _margin(subject, item),
            _villages(subject, item),
        )
        for item in subject.findings
    )
    names = ("rule", "mode", "verdict", "measured", "limit", "margin", "villages")
    header = tuple(subject.say(f"report_rule_column_{name}") for name in names)
    strong = frozenset(k for k, item in enumerate(subject.findings) if not item.holds)
    yield Table(header, rows, "lllrrrl", (3.2, 1.1, 1.1, 1.8, 1.9, 1.3, 2.5), strong=strong)
    yield Paragraph(subject.say("report_rules_note"), "note")
    yield from basis_blocks(subject.compliance, subject.language, all_lines=False)
    if subject.exceptions:
        yield from exception_blocks(subject.compliance, subject.language)


def _margin(subject: Subject, item: Finding) -> str:
    """How far inside (+) or outside (-) its limit the plan is, relative to the limit where that is not zero."""
    if item.limit is None or item.measured is None or not math.isfinite(item.measured):
        return "-"
    inside = (item.limit - item.measured) * (1.0 if item.sense == "at_most" else -1.0)
    if item.limit == 0.0:
        return value_text(inside + 0.0, item.unit, subject.language, signed=True) if inside else "0"
    return percent_text(inside / abs(item.limit), signed=True)


def _villages(subject: Subject, item: Finding) -> str:
    named = subject.listed([name_text(name) for name in item.villages[:SHOWN_VILLAGES]])
    more = len(item.villages) - SHOWN_VILLAGES
    return f"{named} {subject.say('report_more', n=more)}" if more > 0 else named


def alternatives(subject: Subject) -> Iterator[Block]:
    """What else the search found, what doing nothing gives, and where this plan stands among them."""
    yield PageBreak()
    yield Heading(subject.say("report_alternatives"))
    front, objectives = subject.front, subject.objectives
    yield Paragraph(
        subject.say(
            "report_front_line",
            n=len(front.plan_ids),
            evaluations=f"{subject.run.record.evaluations:,}",
            algorithm=name_text(subject.run.record.algorithm),
        )
    )
    yield _standing(subject)
    lettered = lettered_plans(subject)
    yield _alternatives_table(subject, lettered)
    yield Paragraph(subject.say("report_alternatives_note"), "note")
    if len(objectives) > 1:
        yield _charts(subject, lettered)


def _standing(subject: Subject) -> Table:
    """Rank and place of the plan in every objective."""
    front, objectives = subject.front, subject.objectives
    position = front.position(subject.plan_id)
    anchors = subject.run.record.anchors
    rows = []
    for k, name in enumerate(objectives):
        column = front.F[:, k]
        rank = 1 + int((column < column[position]).sum())
        best, worst = (float(front.front[name].iloc[int(pick(column))]) for pick in (np.argmin, np.argmax))
        rows.append(
            (
                subject.label(name),
                subject.shown(name, subject.values[name]),
                subject.say("report_rank", rank=rank, n=len(column)),
                subject.shown(name, best),
                subject.shown(name, worst),
                _of_the_way(subject.values[name], anchors.get(name)),
            )
        )
    names = ("indicator", "plan", "rank", "front_best", "front_worst", "way")
    header = tuple(subject.say(f"report_column_{name}") for name in names)
    return Table(header, tuple(rows), "lrrrrr", (3, 2, 1.5, 2, 2, 1.7), subject.say("report_standing"))


def _of_the_way(value: float, anchor: AnchorRange | None) -> str:
    """Share of the way from the worst to the best value known; a dash without anchors."""
    if anchor is None:
        return "-"
    best, worst = np.array([anchor.best]), np.array([anchor.worst])
    return percent_text(float(normalized(np.array([value]), best, worst)[0]))


def lettered_plans(subject: Subject) -> dict[str, tuple[str, list[str]]]:
    """Plan id -> its letter on page Front and what marks the plan; the letter of this plan is left out.

    Plans of a high trade-off, which page Front does not name, follow with letters of their own.
    """
    front = subject.front
    named = candidates(front, nothing=False)
    marks = {item.plan_id: (item.letter, [_mark_text(subject, mark) for mark in item.marks]) for item in named}
    further = [plan_id for plan_id in front.high_tradeoff[:MOST_TRADEOFFS] if plan_id not in marks]
    after = len(named) + 2  # the letters of a plan that was picked there, and of doing nothing
    marks |= {
        plan_id: (letter_of(after + k), [subject.say("report_high_tradeoff")]) for k, plan_id in enumerate(further)
    }  # fmt: skip
    this = {subject.plan_id: ("", marks[subject.plan_id][1])} if subject.plan_id in marks else {}
    others = [plan_id for plan_id in marks if plan_id != subject.plan_id][:MOST_ALTERNATIVES]
    return {plan_id: marks[plan_id] for plan_id in others} | this


def _mark_text(subject: Subject, mark: str) -> str:
    """A mark in words; see FrontView.naming_marks."""
    kind, _, name = mark.partition(":")
    if kind == "best":
        return subject.say("report_best_of", objective=inside(subject.label(name), subject.language))
    if kind == "preset":
        return subject.say("report_preset", preset=preset_label(name, subject.language))
    return subject.say("report_knee")


def _alternatives_table(subject: Subject, lettered: dict[str, tuple[str, list[str]]]) -> Table:
    names = [*subject.objectives, *(name for name in BESIDE if name not in subject.objectives)]
    front = subject.front.front.set_index("plan_id")
    marks = lettered.get(subject.plan_id, ("", []))[1]
    rows = [
        (
            subject.say("report_this_plan", plan=name_text(subject.plan_id)),
            subject.listed(marks),
            *(subject.shown(name, subject.values[name]) for name in names),
        )
    ]
    rows += [
        (
            said_of(letter, name_text(plan_id), subject.language),
            subject.listed(marks),
            *(subject.shown(name, float(front[name][plan_id])) for name in names),
        )
        for plan_id, (letter, marks) in lettered.items()
        if letter
    ]
    nothing = tuple(subject.shown(name, subject.base[name]) for name in names)
    rows.append((subject.say("report_keep"), subject.say("report_column_nothing"), *nothing))
    header = (
        subject.say("report_column_alternative"),
        subject.say("report_column_what"),
        *(subject.label(name) for name in names),
    )
    widths = (1.5, 3.0, *[1.7] * len(names))
    return Table(
        header, tuple(rows), "ll" + "r" * len(names), widths, subject.say("report_alternatives_table"),
        small=len(names) > 4, strong=frozenset({0}),
    )  # fmt: skip


def _charts(subject: Subject, lettered: dict[str, tuple[str, list[str]]]) -> Gallery:
    """Every pair of the first objectives."""
    front = subject.front
    pictures = []
    for across, up in combinations(subject.objectives[:MOST_CHART_OBJECTIVES], 2):
        scale = [_scale(subject, name)[0] for name in (across, up)]
        points = front.front[[across, up]].to_numpy(np.float64) / scale
        marked = {
            letter: (float(point[0]), float(point[1]))
            for plan_id, (letter, _) in lettered.items()
            if letter
            for point in (points[front.position(plan_id)],)
        }
        this = points[front.position(subject.plan_id)]
        base = tuple(subject.base[name] / factor for name, factor in zip((across, up), scale, strict=True))
        png, aspect = front_png(points, marked, (float(this[0]), float(this[1])), base)
        pictures.append(
            Picture(
                png, aspect, "", vertical=f"↑ {_axis(subject, up)}", horizontal=f"{_axis(subject, across)} →",
                alt=subject.say("report_front_alt", across=subject.label(across), up=subject.label(up)),
            )
        )  # fmt: skip
    legend = (
        Key("◆", THIS_COLOR, subject.say("report_this_plan", plan=name_text(subject.plan_id))),
        Key("○", "#0072b2", subject.say("report_lettered")),
        Key("●", FRONT_COLOR, subject.say("report_front_plans")),
        Key("×", BASE_COLOR, subject.say("report_keep")),
    )
    return Gallery(tuple(pictures), 2 if len(pictures) < 3 else 3, legend)


def _axis(subject: Subject, name: str) -> str:
    sense = INDICATORS[name].sense
    better = subject.say("report_more_is_better" if sense == "max" else "report_less_is_better")
    return f"{subject.label(name)} [{_scale(subject, name)[1]}]{better}"


def _scale(subject: Subject, name: str) -> tuple[float, str]:
    """What the front is divided by on an axis, and the unit then."""
    return axis_scale(INDICATORS[name].unit, subject.language, float(subject.front.front[name].abs().max()))
