"""The decision path in words: what `renewal explain` prints of it, and the page that it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from app.decisions.path_sentences import changes_words, step_sentence
from app.decisions.told_path import BY_POLICY, ToldPath
from app.whatif.change_text import village_words
from app.whatif.whatif_text import judged_by_words
from app.words.console import COLUMNS, filled, percent_text, with_remark
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.decisions.open_choices import N_ALTERNATIVES, NONE
from envs.reasons.decisions.path_graph import KINDS, Edge

N_TOLD = 5
"""Steps that the command line tells: those of the largest gains."""


def path_text(told: ToldPath, language: str) -> str:
    """What the command prints: how the steps compare with what stood open, and the largest ones."""
    largest = np.argsort(-told.path.gain, kind="stable")[:N_TOLD]
    told_steps = [f"{_step_words(told, int(k), language)} {step_sentence(told, int(k), language)}" for k in largest]
    lines = [*summary_sentences(told, language), text("decision_largest", language, n=len(told_steps)), *told_steps]
    return "\n".join("\n".join(filled(line, COLUMNS)) for line in lines)


def path_markdown(told: ToldPath, language: str) -> str:
    """Every step by year, as Markdown."""
    path = told.path
    blocks = [f"# {text('decision_title', language)}", *summary_sentences(told, language)]
    for year in np.unique(path.year).tolist():
        steps = np.flatnonzero(path.year == year)
        full = text("decision_year_full", language) if year in told.full_years else ""
        blocks.append(f"## {text('decision_year', language, year=year, n=steps.size)}{full}")
        blocks.append("\n".join(_step_line(told, int(step), language) for step in steps))
    blocks.append(text("decision_note", language))
    return "\n\n".join(blocks) + "\n"


def summary_sentences(told: ToldPath, language: str) -> list[str]:
    """By whose order it is told, what is exact, how often the best was taken, what the graph holds."""
    return list(_summary(told, language))


def _summary(told: ToldPath, language: str) -> Iterator[str]:
    path = told.path
    yield text(f"decision_order_{told.order}", language, n=path.n_steps)
    yield judged_by_words(told.asked, language)
    exact = path.alternatives.is_exact[:, :N_ALTERNATIVES].sum(axis=1)
    yield text("decision_exact", language, n=int(exact.max(initial=0)), of=N_ALTERNATIVES)
    decided = told.against_left_out
    if decided:
        ahead = sum(d.lead >= 0.0 for d in decided)
        share = percent_text(ahead / len(decided))
        yield text("decision_ahead_count", language, n=ahead, of=len(decided), share=share)
        names = Counter(path.resolved.scenario.objectives[d.objective] for d in decided)
        said = [
            text("decision_times", language, what=INDICATORS[name].label[language], n=n)
            for name, n in names.most_common()
        ]
        yield text("decision_by_objective", language, parts=("、" if language == "zh" else ", ").join(said))
    if told.full_years:
        yield text("decision_full_years", language, n=len(told.full_years), of=path.resolved.scenario.plan_years)
    counts = Counter(edge.kind for edge in told.edges)
    parts = [text("decision_times", language, what=text(f"decision_kind_{k}", language), n=counts[k]) for k in KINDS]
    yield text("decision_graph", language, parts=("、" if language == "zh" else ", ").join(parts))
    if told.order == BY_POLICY and told.policy is not None:
        yield text("decision_policy_followed", language, n=int(told.policy.is_first.sum()), of=told.policy.village.size)


def _step_words(told: ToldPath, step: int, language: str) -> str:
    return text("decision_step", language, year=int(told.path.year[step]), step=step + 1)


def _step_line(told: ToldPath, step: int, language: str) -> str:
    line = with_remark(step_sentence(told, step, language), changes_words(told, step, language), language)
    return f"{step + 1}. {line}"


def edge_words(told: ToldPath, village: int, language: str) -> list[str]:
    """What a village shares with years and other villages, a sentence for each edge."""
    return [
        _edge_sentence(told, edge, village, language) for edge in told.edges if village in (edge.source, edge.target)
    ]


def related(told: ToldPath, village: int, language: str) -> dict[int, str]:
    """Villages that share an edge with a village, and what it says."""
    found: dict[int, str] = {}
    for edge in told.edges:
        if edge.target != NONE and village in (edge.source, edge.target):
            other = edge.source if edge.target == village else edge.target
            found[other] = _edge_sentence(told, edge, village, language)
    return found


def _edge_sentence(told: ToldPath, edge: Edge, village: int, language: str) -> str:
    is_later = edge.target == village
    other = edge.source if is_later else edge.target
    place = {} if other == NONE else {"other": village_words(told.path.resolved, other)}
    said_of = {"year": edge.year, "weight": edge.weight, **place}
    if is_later:
        return text(f"decision_edge_{edge.kind}_{edge.role}_later", language, **said_of)
    return text(f"decision_edge_{edge.kind}_{edge.role}", language, **said_of)
