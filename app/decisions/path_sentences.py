"""A decision in a sentence: what was taken, what else stood open, and what decided."""

from __future__ import annotations

from collections.abc import Iterator

from app.decisions.told_path import Deciding, ToldPath
from app.whatif.change_text import decision_words, village_words
from app.words.console import value_text
from data.catalogue import text
from envs.changes.village_change import decision_of
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.decisions.open_choices import BARRED, NONE

PERCENT = 100.0


def step_sentence(told: ToldPath, step: int, language: str) -> str:
    """The whole sentence of a step: two or three of them where there is more to say."""
    return "".join(_parts(told, step, language)) if language == "zh" else " ".join(_parts(told, step, language))


def _parts(told: ToldPath, step: int, language: str) -> Iterator[str]:
    path, choices = told.path, told.path.alternatives
    village = int(path.village[step])
    done = decision_words(decision_of(path.plan, village), language)
    common = {"village": village_words(path.resolved, village), "done": done}
    if path.is_given[step]:
        yield text("decision_given", language, **common)
    else:
        yield text("decision_taken", language, gain=PERCENT * path.gain[step], **common)
    rival, barred = told.against_rival(step), told.against_barred(step)
    if rival is not None and not path.is_given[step]:
        yield _against(told, step, rival, language)
    elif told.rival(step) == NONE:
        yield text("decision_nothing_open", language)
    if barred is not None and barred.lead < 0.0 and not path.is_given[step]:
        rule = path.limit_rules[choices.limit[step]]
        kept_out = village_words(path.resolved, int(choices.village[step, BARRED]))
        yield text(
            "decision_kept_out",
            language,
            village=kept_out,
            gain=PERCENT * float(path.alternative_gain[step, BARRED]),
            rule=text(f"rule_{rule}", language),
        )
    if told.policy is not None and village in told.step_of_policy:
        share = told.policy.of_village[told.step_of_policy[village]]
        yield text("decision_of_policy", language, share=share)


def _against(told: ToldPath, step: int, decided: Deciding, language: str) -> str:
    """How the taken village compares with its rival."""
    path = told.path
    other = told.rival(step)
    name = path.resolved.scenario.objectives[decided.objective]
    said = {
        "village": village_words(path.resolved, other),
        "gain": PERCENT * (float(path.gain[step]) - decided.lead),
        "objective": INDICATORS[name].label[language],
        "difference": value_text(abs(decided.difference), INDICATORS[name].unit, language),
        "term": text(f"reasons_term_{decided.term}", language),
    }
    year = int(path.plan.start_year[0, other])
    when = "later" if year else "kept"
    if decided.lead >= 0.0:
        return text(f"decision_ahead_{when}", language, year=year, **said)
    return text(f"decision_behind_{when}", language, year=year, **said)


def changes_words(told: ToldPath, step: int, language: str) -> str:
    """What a step changes of every objective."""
    names = told.path.resolved.scenario.objectives
    parts = [
        text(
            "decision_change",
            language,
            objective=INDICATORS[name].label[language],
            change=value_text(float(told.path.effect[step, k]), INDICATORS[name].unit, language, signed=True),
        )
        for k, name in enumerate(names)
    ]
    return ("；" if language == "zh" else "; ").join(parts)
