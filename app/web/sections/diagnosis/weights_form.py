"""How conditions are weighted: equal, by entropy, by hand, by pairs (AHP), or as somebody published."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
import yaml

from app.diagnosis.card import dimensions_table, weights_table
from app.diagnosis.diagnosis_text import consistency_lines
from app.web.sections.residents.text_tables import show_text_table
from app.web.shell.page_frame import remember, remembered, show_refusal, visit_key
from app.web.shell.session import language, say, spoken
from app.words.console import said_of
from data.diagnosis.weight_choice import DIMENSION_LEVEL, METHODS, WeightChoice, published_weights, weight_choice
from data.errors import InputError
from envs.diagnosis.condition import DIMENSIONS, NAMES, members_of
from envs.diagnosis.diagnosis import Diagnosis
from envs.kernel.services.pairwise_comparison import Comparison, pairwise_weights

SCALE = (9, 7, 5, 3, 1, -3, -5, -7, -9)
"""How much more the first of a pair matters than the second; below 0 the second matters more (Saaty's scale)."""


def choose_weights() -> WeightChoice | None:
    """The form; None, and said, while what is chosen cannot be used."""
    method = st.selectbox(
        say("diagnosis_method"),
        METHODS,
        index=METHODS.index(remembered("diagnosis_method", METHODS[0])),
        format_func=spoken("diagnosis_method_"),
        key=visit_key("diagnosis_method"),
    )
    remember("diagnosis_method", method)
    try:
        needed = _needs(method)
        return None if needed is None else weight_choice({"method": method, **needed})
    except InputError as error:
        show_refusal(error)
        return None


def _needs(method: str) -> dict[str, Any] | None:
    """What a method needs beside its name; None while comparisons contradict each other and nobody confirms them."""
    if method == "manual":
        return _by_hand()
    if method == "ahp":
        return _by_pairs()
    if method == "published":
        return _published()
    return {}


def _by_hand() -> dict[str, Any]:
    """A weight for each dimension and, where wanted, for its conditions."""
    dimensions = {
        name: _number(f"hand_{name}", say(f"dimension_{name}"), column)
        for name, column in zip(DIMENSIONS, st.columns(len(DIMENSIONS)), strict=True)
    }
    conditions: dict[str, float] = {}
    with st.expander(say("diagnosis_within")):
        for name in DIMENSIONS:
            st.markdown(f"**{say(f'dimension_{name}')}**")
            inside = [item for item, member in zip(NAMES, members_of(name), strict=True) if member]
            columns = itertools.cycle(st.columns(min(4, len(inside))))
            conditions |= {item: _number(f"hand_{item}", say(f"condition_{item}"), next(columns)) for item in inside}
    return {"dimensions": dimensions, "conditions": conditions}


def _number(name: str, label: str, place: Any) -> float:  # noqa: ANN401 - a column of streamlit
    value = place.number_input(
        label, 0.0, 100.0, float(remembered(f"diagnosis_{name}", 1.0)), 0.5, key=visit_key("diagnosis", name)
    )
    remember(f"diagnosis_{name}", value)
    return float(value)


def _by_pairs() -> dict[str, Any] | None:
    """Comparison of the dimensions and, where wanted, of the conditions of some; an inconsistent one is confirmed."""
    st.caption(say("diagnosis_pairs_help"))
    comparisons = {DIMENSION_LEVEL: _pairs(DIMENSION_LEVEL, DIMENSIONS, "dimension_")}
    with st.expander(say("diagnosis_pairs_within")):
        st.caption(say("diagnosis_pairs_within_help"))
        compared = st.multiselect(
            say("diagnosis_pairs_of"),
            DIMENSIONS,
            default=remembered("diagnosis_pairs_of", []),
            format_func=spoken("dimension_"),
            key=visit_key("diagnosis_pairs_of"),
            placeholder=say("choose_some"),
        )
        remember("diagnosis_pairs_of", compared)
        for level in compared:
            st.markdown(f"**{say(f'dimension_{level}')}**")
            inside = [item for item, member in zip(NAMES, members_of(level), strict=True) if member]
            comparisons[level] = _pairs(level, inside, "condition_")
    told = {level: pairwise_weights(np.array(rows, dtype=np.float64)) for level, rows in comparisons.items()}
    consistent = all(comparison.is_consistent for comparison in told.values())
    if not consistent and not _confirmed(told):
        return None
    return {"comparisons": comparisons, "accept_inconsistent": not consistent}


def _pairs(level: str, items: Sequence[str], prefix: str) -> list[list[float]]:
    """A slider for each pair; the reciprocal matrix."""
    n = len(items)
    matrix = np.ones((n, n))
    for k, (i, j) in enumerate(itertools.combinations(range(n), 2)):
        if k % 2 == 0:
            columns = iter(st.columns(2))
        first, second = say(prefix + items[i]), say(prefix + items[j])
        name = f"pair:{level}:{items[i]}:{items[j]}"
        words = {step: _step(step, first, second) for step in SCALE}
        chosen = int(
            next(columns).select_slider(
                say("diagnosis_pair", first=first, second=second),
                SCALE,
                value=int(remembered(name, 1)),
                format_func=words.__getitem__,
                key=visit_key(name),
            )
        )
        remember(name, chosen)
        ratio = float(chosen) if chosen > 0 else -1.0 / float(chosen)
        matrix[i, j], matrix[j, i] = ratio, 1.0 / ratio
    return [[float(entry) for entry in row] for row in matrix]


def _step(step: int, first: str, second: str) -> str:
    """A step of the scale in words."""
    if step == 1:
        return say("diagnosis_pair_same")
    return say("diagnosis_pair_more", more=first if step > 0 else second, times=abs(step))


def _confirmed(told: dict[str, Comparison]) -> bool:
    """Whether comparisons above a ratio of 0.1 are taken as they are."""
    for level, comparison in told.items():
        if not comparison.is_consistent:
            ratio = comparison.consistency_ratio
            st.warning(say("diagnosis_ratio_high", level=say(f"dimension_{level}"), ratio=ratio))
    return bool(st.checkbox(say("diagnosis_confirm"), key=visit_key("diagnosis_confirm")))


def _published() -> dict[str, Any]:
    """Published weights, each given to a dimension of ours."""
    known = published_weights()
    name = st.selectbox(
        say("diagnosis_published"),
        list(known),
        format_func={entry: item.label[language()] for entry, item in known.items()}.__getitem__,
        key=visit_key("diagnosis_published"),
    )
    entry = known[name]
    st.caption(entry.note[language()])
    if entry.published_total is not None and entry.total_of_its_table is not None:
        totals = {"published": entry.published_total, "summed": entry.total_of_its_table}
        st.markdown(say("diagnosis_published_totals", letter=entry.confidence, **totals))
    places = {
        place: said_of(str(place), f"{weight:g}", language()) for place, weight in enumerate(entry.first_level, start=1)
    }
    assigned = {}
    for k, (dimension, column) in enumerate(zip(DIMENSIONS, st.columns(len(DIMENSIONS)), strict=True)):
        assigned[dimension] = column.selectbox(
            say(f"dimension_{dimension}"),
            list(places),
            index=k,
            format_func=places.__getitem__,
            key=visit_key("diagnosis_assigned", dimension),
        )
    return {"published": name, "assigned": assigned}


def show_weights(told: Diagnosis) -> None:
    """The weights that follow, how consistent they are, and a file of the choice."""
    for line in consistency_lines(told, language()):
        st.markdown(line)
    left, right = st.columns([1, 3])
    with left:
        show_text_table(dimensions_table(told, language()))
        content = yaml.safe_dump(told.setting.choice.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
        st.download_button(
            say("diagnosis_weights_file"), content, "weights.yaml", "application/yaml", key=visit_key("weights_file")
        )
    with right:
        show_text_table(weights_table(told, language()))
