"""The form of a scenario: bounds, rules, targets, preferences; what is wrong stands below its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.console import money_scale, unit_text
from app.room.draft_state import Draft, field_key, save_fields
from app.room.frame import stable_table
from app.room.scenario_draft import Problem
from app.room.session import indicator_words, language, say, spoken
from app.room.texts import plain
from app.room.workspace import Workspace
from data.city import City
from data.scenario import INTENSITIES, LAND_USES, RuleMode
from envs.kernel.registry import INDICATORS
from envs.rules import RULES

MONEY = ("capital_limit_annual_cny", "capital_limit_peak_cny")


@dataclass(frozen=True)
class NumberField:
    """A number of the form.

    Attributes:
        name: field of the scenario.
        low: least value.
        high: largest value, None = none.
        step: of the buttons.
        optional: may be left blank.
        scale: what the stored value is divided by to be shown.
    """

    name: str
    low: float
    high: float | None
    step: float
    optional: bool = False
    scale: float = 1.0


WHOLE_FIELDS = (
    NumberField("plan_years", 1, 50, 1),
    NumberField("villages_per_year", 0, 100_000, 1),
    NumberField("density_levels", 1, 50, 1),
    NumberField("facility_levels", 1, 50, 1),
)
OPTIONAL_FIELDS = (
    NumberField("commodity_housing_cap_m2", 0.0, None, 1.0, optional=True, scale=1e4),
    NumberField("capital_limit_annual_cny", 0.0, None, 10.0, optional=True),
    NumberField("capital_limit_peak_cny", 0.0, None, 10.0, optional=True),
    NumberField("displaced_tenants_cap_persons", 0.0, None, 1000.0, optional=True),
    NumberField("onsite_resettlement_share", 0.0, 1.0, 0.05, optional=True),
)
RANGES = (
    ("floor_area_ratio", 0.0, 8.0, 0.1),
    ("floor_area_ratio_share", 0.0, 1.0, 0.05),
    ("facility_ratio", 0.0, 1.0, 0.01),
)


def problem_text(problem: Problem) -> str:
    """The problem in words of the tab's language; the engine's own where none are known."""
    known = {
        "greater_than_equal": "problem_least",
        "greater_than": "problem_above",
        "less_than_equal": "problem_most",
        "missing": "problem_missing",
    }
    place = f"{problem.place}: " if problem.place else ""
    if problem.kind in known:
        return place + say(known[problem.kind], bound=problem.bound, found=problem.found)
    if problem.kind.startswith(("float_", "int_", "string_")):
        return place + say("problem_type", found=problem.found)
    return place + problem.message


def show_problems(found: Sequence[Problem], *fields: str) -> None:
    """What is wrong with some fields, right here."""
    for problem in found:
        if problem.field in fields:
            st.error(plain(problem_text(problem)))


def show_bounds(space: Workspace, draft: Draft, given: City, found: Sequence[Problem]) -> Draft:
    """Numbers, ranges and choices; the draft as it now is."""
    content = draft.content
    fields: dict[str, Any] = {}
    columns = st.columns(4)
    for column, item in zip(columns, WHOLE_FIELDS, strict=True):
        with column:
            fields[item.name] = int(_number_input(item, content))
            show_problems(found, item.name)
    left, right = st.columns(2)
    with left:
        fields["intensities"] = _choices("intensities", [str(word) for word in INTENSITIES], content)
        show_problems(found, "intensities")
    with right:
        fields["land_uses"] = _choices("land_uses", [str(word) for word in LAND_USES], content)
        show_problems(found, "land_uses")
    for column, (name, low, high, step) in zip(st.columns(3), RANGES, strict=True):
        with column:
            top = max(high, float(content[name]["high"]))
            span = (float(content[name]["low"]), float(content[name]["high"]))
            chosen = st.slider(say(f"field_{name}"), low, top, span, step, key=field_key(name))
            fields[name] = {"low": chosen[0], "high": chosen[1]}
            show_problems(found, name)
    st.caption(say("blank_means_none"))
    for column, item in zip(st.columns(len(OPTIONAL_FIELDS)), OPTIONAL_FIELDS, strict=True):
        with column:
            fields[item.name] = _optional(item, content)
            show_problems(found, item.name)
    st.markdown(f"**{say('district_limits')}**")
    fields["district_limits"] = _district_limits(given, content)
    show_problems(found, "district_limits")
    return save_fields(space, draft, fields)


def _number_input(item: NumberField, content: dict[str, Any]) -> float:
    value = int(content[item.name])
    high = None if item.high is None else int(item.high)
    label = say(f"field_{item.name}")
    number = st.number_input(label, int(item.low), high, value, int(item.step), key=field_key(item.name))
    return float(number)


def _optional(item: NumberField, content: dict[str, Any]) -> float | None:
    scale, unit = money_scale("CNY", language()) if item.name in MONEY else (item.scale, "")
    stored = content.get(item.name)
    shown = None if stored is None else float(stored) / scale
    label = say(f"field_{item.name}", unit=unit)
    number = st.number_input(
        label, item.low, item.high, shown, item.step, key=field_key(item.name), placeholder=say("none_set")
    )
    if number is None or (shown is not None and number == shown):
        return None if number is None else stored
    return float(number) * scale


def _choices(name: str, words: list[str], content: dict[str, Any]) -> list[str]:
    chosen = st.pills(
        say(f"field_{name}"),
        words,
        selection_mode="multi",
        wrap=True,
        default=content[name],
        key=field_key(name),
        format_func=spoken("word_"),
    )
    return [word for word in words if word in (chosen or [])]


def _district_limits(given: City, content: dict[str, Any]) -> dict[str, Any]:
    limits = content.get("district_limits", {})
    names = ("population_persons", "new_floor_area_m2")
    key = field_key("district_limits")

    def build() -> pd.DataFrame:
        rows = {name: [limits.get(d, {}).get(name) for d in given.districts] for name in names}
        return pd.DataFrame({"district": list(given.districts)} | rows).astype(dict.fromkeys(names, "float64"))

    table = stable_table(
        key,
        build,
        hide_index=True,
        disabled=["district"],
        alt=say("district_limits"),
        column_config={
            "district": say("column_district"),
            **{name: st.column_config.NumberColumn(say(f"field_{name}"), min_value=0.0) for name in names},
        },
    )
    rows = {
        str(row["district"]): {name: float(row[name]) for name in names if pd.notna(row[name])}
        for row in table.to_dict(orient="records")
    }
    kept = {name: values for name, values in limits.items() if name not in given.districts}
    return kept | {d: {**dict.fromkeys(names), **values} for d, values in rows.items() if values}


def show_rules(space: Workspace, draft: Draft, found: Sequence[Problem]) -> Draft:
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
            help=rule.recipe,
            format_func=spoken("mode_"),
            required=True,
        )
        if chosen is not None and (chosen != stored or name in rules):
            rules[name] = str(chosen)
    show_problems(found, "rules")
    built_in = [rule.label[language()] for rule in RULES.values() if rule.built_in]
    st.caption(say("rules_built_in", rules="、".join(built_in) if language() == "zh" else "; ".join(built_in)))
    return save_fields(space, draft, {"rules": rules})


def show_objectives(space: Workspace, draft: Draft, found: Sequence[Problem]) -> Draft:
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
    )
    preferences: dict[str, float] = {}
    for column, name in zip(st.columns(max(1, len(chosen))), chosen, strict=False):
        with column:
            weight = float(content["preferences"].get(name, 0.0))
            label = say("weight_of", name=INDICATORS[name].label[language()])
            preferences[name] = float(st.number_input(label, 0.0, None, weight, 0.05, key=field_key(f"weight_{name}")))
    show_problems(found, "objectives", "preferences")
    return save_fields(space, draft, {"objectives": chosen, "preferences": preferences})


def show_targets(space: Workspace, draft: Draft, found: Sequence[Problem]) -> Draft:
    """Targets as a table: which indicator, by which year, at least or at most what; and a form that adds one."""
    targets: list[dict[str, Any]] = list(draft.content.get("targets", []))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            say("target_indicator"),
            list(INDICATORS),
            key=field_key("target_name"),
            format_func=indicator_words(units=True),
        )
        side = st.selectbox(
            say("target_side"), ["at_least", "at_most"], key=field_key("target_side"), format_func=spoken("")
        )
        value = st.number_input(say("target_value"), value=None, key=field_key("target_value"))
        year = st.number_input(say("target_year"), 0, 200, None, 1, key=field_key("target_year"))
        add = st.button(say("target_add"), key=field_key("target_add"))
    if add and value is None:
        st.error(say("target_needs_value"))
    elif add:
        given = {"at_least": None, "at_most": None, side: float(value or 0.0)}
        targets.append({"indicator": name, "year": None if year is None else int(year), **given})
        draft = save_fields(space, draft, {"targets": targets})
    for k, target in enumerate(targets):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(target_text(target)))
            if st.button(say("remove"), key=field_key(f"target_remove_{k}")):
                save_fields(space, draft, {"targets": targets[:k] + targets[k + 1 :]})
                st.rerun()
    show_problems(found, "targets")
    return draft


def target_text(target: dict[str, Any]) -> str:
    """A target in one line."""
    item = INDICATORS.get(target["indicator"])
    label = target["indicator"] if item is None else item.label[language()]
    unit = "" if item is None else unit_text(item.unit, language())
    least = target.get("at_least") is not None
    number = target["at_least"] if least else target["at_most"]
    year = "" if target.get("year") is None else say("by_year", year=target["year"])
    return f"{label} {'≥' if least else '≤'} {number:,.6g} {unit} {year}".strip()
