"""The form of a scenario beyond its bounds: rules, objectives, targets; what is wrong stands below its field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.files.names import plain
from app.web.documents.scenario_draft import Problem
from app.web.documents.workspace import Workspace
from app.web.shell.session import indicator_words, language, say, spoken
from app.web.shell.session_draft import Draft, field_key, save_fields, show_problems
from app.words.console import shown_scale
from app.words.target_text import limit_text
from data.scenario import RuleMode
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import RULES

TARGET_MODES = (RuleMode.REPORTED, RuleMode.PENALIZED, RuleMode.HARD)
"""What a target can do; one that is off needs not be there."""


def show_rules(workspace: Workspace, draft: Draft, problems: Sequence[Problem]) -> Draft:
    """One choice per rule: off, reported, penalized, hard."""
    st.caption(say("rules_help"))
    modes = [str(mode) for mode in RuleMode]
    rules: dict[str, str] = dict(draft.content.get("rules", {}))
    for name, rule in RULES.items():
        if rule.built_in:
            continue
        stored = rules.get(name, rule.default_mode.value)
        chosen = st.segmented_control(
            rule.label[language()],
            modes,
            default=stored,
            key=field_key(f"rule_{name}"),
            help=rule.recipe_in(language()),
            format_func=spoken("mode_"),
            required=True,
        )
        if chosen is not None and (chosen != stored or name in rules):
            rules[name] = str(chosen)
    show_problems(problems, "rules")
    built_in = [rule.label[language()] for rule in RULES.values() if rule.built_in]
    st.caption(say("rules_built_in", rules=built_in))
    return save_fields(workspace, draft, {"rules": rules})


def show_objectives(workspace: Workspace, draft: Draft, problems: Sequence[Problem]) -> Draft:
    """What is searched for, and how much each weighs for the recommended plan."""
    content = draft.content
    names = [name for name, item in INDICATORS.items() if item.sense]
    chosen = st.multiselect(
        say("field_objectives"),
        names,
        default=content["objectives"],
        key=field_key("objectives"),
        format_func=indicator_words(),
        help=say("objectives_help"),
        placeholder=say("choose_some"),
    )
    preferences: dict[str, float] = {}
    for column, name in zip(st.columns(max(1, len(chosen))), chosen, strict=False):
        with column:
            weight = float(content["preferences"].get(name, 0.0))
            label = say("weight_of", name=INDICATORS[name].label[language()])
            preferences[name] = float(st.number_input(label, 0.0, None, weight, 0.05, key=field_key(f"weight_{name}")))
    show_problems(problems, "objectives", "preferences")
    return save_fields(workspace, draft, {"objectives": chosen, "preferences": preferences})


def show_targets(workspace: Workspace, draft: Draft, problems: Sequence[Problem]) -> Draft:
    """Targets as a table: which indicator, by which year, at least or at most what; and a form that adds one."""
    targets: list[dict[str, Any]] = list(draft.content.get("targets", []))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            say("target_indicator"),
            list(INDICATORS),
            key=field_key("target_name"),
            format_func=indicator_words(),
        )
        scale, unit = shown_scale(INDICATORS[name].unit, language())
        side = st.selectbox(
            say("target_side"), ["at_least", "at_most"], key=field_key("target_side"), format_func=spoken("")
        )
        value = st.number_input(
            say("goal_value", unit=unit), value=None, format="%.6g", key=field_key(f"target_value_{name}")
        )
        year = st.number_input(say("target_year"), 0, 200, None, 1, key=field_key("target_year"))
        mode = st.selectbox(
            say("target_mode"),
            [str(mode) for mode in TARGET_MODES],
            key=field_key("target_mode"),
            format_func=spoken("mode_"),
            help=say("rules_help"),
        )
        add = st.button(say("target_add"), key=field_key("target_add"))
    if add and value is None:
        st.error(say("target_needs_value"))
    elif add:
        limits = {"at_least": None, "at_most": None, side: float(value or 0.0) * scale}
        targets.append({"indicator": name, "year": None if year is None else int(year), **limits, "mode": str(mode)})
        draft = save_fields(workspace, draft, {"targets": targets})
    for k, target in enumerate(targets):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(target_text(target)))
            if st.button(say("remove"), key=field_key(f"target_remove_{k}")):
                save_fields(workspace, draft, {"targets": targets[:k] + targets[k + 1 :]})
                st.rerun()
    show_problems(problems, "targets")
    return draft


def target_text(target: dict[str, Any]) -> str:
    """A target in one line."""
    item = INDICATORS.get(target["indicator"])
    by_year = target.get("year") is not None
    label = target["indicator"] if item is None else (item.yearly_label if by_year else item.label)[language()]
    least = target.get("at_least") is not None
    number = target["at_least"] if least else target["at_most"]
    year = say("by_year", year=target["year"]) if by_year else ""
    limit = f"{number:,.9g}" if item is None else limit_text(number, item.unit, language())
    mode = target.get("mode", RuleMode.REPORTED)
    steers = "" if mode == RuleMode.REPORTED else f"· {say(f'mode_{mode}')}"
    return " ".join(part for part in (label, "≥" if least else "≤", limit, year, steers) if part)
