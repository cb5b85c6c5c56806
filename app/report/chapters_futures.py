"""Chapter on futures: under which a plan fails, how likely targets are met, the fan of its cash flow."""

from __future__ import annotations

from collections.abc import Iterator

from app.report.document import Block, Bullets, Heading, PageBreak, Paragraph, Picture, Table
from app.report.pictures import fan_png
from app.report.subject import Subject
from app.stress.chance_words import chance_header, chance_rows
from app.stress.known_stress import (
    KnownStress,
    best_sentence,
    known_stress,
    sample_sentence,
    spread_header,
    spread_rows,
)
from app.words.console import money_scale
from envs.kernel.plans import canonical, same_plans

FAN = "cumulative_cash_flow_cny"


def futures(subject: Subject) -> Iterator[Block]:
    """What `renewal stress` or the room has found of the plan; nothing where it, as it is, was not measured."""
    known = known_stress(subject.run, subject.plan_id)
    measured = canonical(subject.run.plan(subject.plan_id))
    if known is None or not same_plans(measured, canonical(subject.tables.plan)):
        return
    language, plan_id = subject.language, subject.plan_id
    yield PageBreak()
    yield Heading(subject.say("report_futures"))
    yield Paragraph(sample_sentence(known, language))
    said = (known.rule(plan_id, language), best_sentence(known, plan_id, language))
    yield Bullets(tuple(sentence for sentence in said if sentence))
    chances = chance_rows(known.of_plan("chances", plan_id), language)
    yield Table(
        tuple(chance_header(language)),
        tuple(map(tuple, chances)),
        "lrrr",
        (3.4, 1.0, 1.6, 1.4),
        subject.say("stress_chances_title"),
    )
    yield _fan(subject, known)
    rows = tuple(map(tuple, spread_rows(known, plan_id, language)))
    header = tuple(spread_header(language))
    widths = (3.0, *[1.4] * (len(header) - 1))
    yield Table(header, rows, "l" + "r" * (len(header) - 1), widths, subject.say("stress_spread_title"), small=True)
    yield Paragraph(subject.say("stress_note_worlds" if known.about["n_worlds"] else "stress_note"), "note")


def _fan(subject: Subject, known: KnownStress) -> Picture:
    fan = known.of_plan("fan", subject.plan_id)
    scale, word = money_scale("CNY", subject.language)
    png, aspect = fan_png(fan[fan["quantity"] == FAN], scale)
    quantity = subject.say(f"stress_{FAN}")
    return Picture(
        png=png,
        aspect=aspect,
        title=subject.say("stress_report_fan", quantity=quantity),
        vertical=f"{quantity} [{word}]",
        horizontal=subject.say("stress_axis_year"),
        alt=subject.say("alt_stress_fan", quantity=quantity),
    )
