"""The bounds of a scenario: years, choices, ranges, limits; what is wrong stands below its field.

The first page that a visitor sees: no table and nothing of the model is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.web.documents.scenario_draft import Problem
from app.web.documents.workspace import Workspace
from app.web.shell.page_frame import stable_table
from app.web.shell.session import language, say, spoken
from app.web.shell.session_draft import Draft, field_key, save_fields, show_problems
from app.words.console import money_scale
from data.levers import ANY_SHARE
from data.scenario import INTENSITIES, LAND_USES, Bargaining, Deterrence

SHARE_STEP = 0.05
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
    NumberField("least_commodity_area_m2", 0.0, None, 1.0, optional=True, scale=1e4),
    NumberField("least_rental_area_m2", 0.0, None, 1.0, optional=True, scale=1e4),
    NumberField("capital_limit_annual_cny", 0.0, None, 10.0, optional=True),
    NumberField("capital_limit_peak_cny", 0.0, None, 10.0, optional=True),
    NumberField("displaced_tenants_cap_persons", 0.0, None, 1000.0, optional=True),
    NumberField("onsite_resettlement_share", 0.0, 1.0, 0.05, optional=True),
)
COLUMNS = 4
"""Fields beside each other."""
RANGES = (
    ("floor_area_ratio", 0.0, 8.0, 0.1),
    ("floor_area_ratio_share", 0.0, 1.0, 0.05),
    ("facility_ratio", 0.0, 1.0, 0.01),
)


def show_bounds(workspace: Workspace, draft: Draft, problems: Sequence[Problem]) -> Draft:
    """Numbers, ranges and choices; the draft as it now is."""
    content = draft.content
    fields: dict[str, Any] = {}
    columns = st.columns(4)
    for column, item in zip(columns, WHOLE_FIELDS, strict=True):
        with column:
            fields[item.name] = int(_number_input(item, content))
            show_problems(problems, item.name)
    left, right = st.columns(2)
    with left:
        fields["intensities"] = _choices("intensities", [str(word) for word in INTENSITIES], content)
        show_problems(problems, "intensities")
    with right:
        fields["land_uses"] = _choices("land_uses", [str(word) for word in LAND_USES], content)
        show_problems(problems, "land_uses")
    for column, (name, low, high, step) in zip(st.columns(3), RANGES, strict=True):
        with column:
            top = max(high, float(content[name]["high"]))
            span = (float(content[name]["low"]), float(content[name]["high"]))
            chosen = st.slider(say(f"field_{name}"), low, top, span, step, key=field_key(name))
            fields[name] = {"low": chosen[0], "high": chosen[1]}
            show_problems(problems, name)
    fields["commute_deterrence"] = _choice("commute_deterrence", [str(word) for word in Deterrence], content)
    show_problems(problems, "commute_deterrence")
    words, usual = [str(word) for word in Bargaining], {"bargaining": str(Bargaining.OFF)}
    fields["bargaining"] = _choice("bargaining", words, usual | content, help=say("field_bargaining_help"))
    show_problems(problems, "bargaining")
    st.caption(say("blank_means_none"))
    for first in range(0, len(OPTIONAL_FIELDS), COLUMNS):
        places = st.columns(COLUMNS, vertical_alignment="bottom")
        for column, item in zip(places, OPTIONAL_FIELDS[first : first + COLUMNS], strict=False):
            with column:
                fields[item.name] = _optional(item, content)
                show_problems(problems, item.name)
    fields |= _programme(content, problems)
    limits = content.get("district_limits", {})
    districts = st.expander(
        say("district_limits", n=len(limits)), bool(limits), key=field_key("district_limits_open"), on_change="rerun"
    )
    if districts.open:
        with districts:
            fields["district_limits"] = _district_limits(draft.city, limits)
    show_problems(problems, "district_limits")
    return save_fields(workspace, draft, fields)


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


def _choice(name: str, words: list[str], content: dict[str, Any], help: str | None = None) -> str:
    chosen = st.segmented_control(
        say(f"field_{name}"), words, default=content[name], key=field_key(name), format_func=spoken("word_"), help=help
    )
    return chosen or str(content[name])


def _district_limits(source: str, limits: dict[str, Any]) -> dict[str, Any]:
    import pandas as pd

    from app.web.shell.cached_city import cached_city

    city = cached_city(source)
    names = ("population_persons", "new_floor_area_m2")
    key = field_key("district_limits")

    def build() -> pd.DataFrame:
        rows = {name: [limits.get(d, {}).get(name) for d in city.districts] for name in names}
        return pd.DataFrame({"district": list(city.districts)} | rows).astype(dict.fromkeys(names, "float64"))

    table = stable_table(
        key,
        build,
        hide_index=True,
        disabled=["district"],
        alt=say("district_limits", n=len(limits)),
        column_config={
            "district": say("column_district"),
            **{name: st.column_config.NumberColumn(say(f"field_{name}"), min_value=0.0) for name in names},
        },
    )
    rows = {
        str(row["district"]): {name: float(row[name]) for name in names if pd.notna(row[name])}
        for row in table.to_dict(orient="records")
    }
    kept = {name: values for name, values in limits.items() if name not in city.districts}
    return kept | {d: {**dict.fromkeys(names), **values} for d, values in rows.items() if values}


def _programme(content: dict[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """Renewal ratio, shares of intensities, quotas of single years, years over; a range from 0 to 1 is none."""
    shares = dict(content.get("intensity_shares") or {})
    quotas = dict(content.get("villages_per_year_by_year") or {})
    ratio = content.get("renewal_ratio")
    first_open, n_years = int(content.get("first_open_year") or 1), int(content["plan_years"])
    any_set = bool(shares or quotas or ratio or first_open > 1)
    title = say("programme_bounds", n=len(shares) + len(quotas) + bool(ratio) + (first_open > 1))
    section = st.expander(title, any_set, key=field_key("programme_open"), on_change="rerun")
    if section.open:
        with section:
            st.caption(say("programme_help"))
            ratio = _share("renewal_ratio", say("field_renewal_ratio"), ratio)
            for column, word in zip(st.columns(len(INTENSITIES)), map(str, INTENSITIES), strict=True):
                with column:
                    label = say("field_intensity_share", name=say(f"word_{word}"))
                    bounds = _share(f"intensity_share_{word}", label, shares.pop(word, None))
                    shares |= {} if bounds is None else {word: bounds}
            quotas = _quotas(quotas, n_years)
            first_open = int(
                st.number_input(
                    say("field_first_open_year"),
                    1,
                    max(n_years, first_open),
                    first_open,
                    key=field_key("first_open_year"),
                    help=say("field_first_open_year_help"),
                )
            )
    show_problems(problems, "renewal_ratio", "intensity_shares", "villages_per_year_by_year", "first_open_year")
    return {
        "renewal_ratio": ratio,
        "intensity_shares": shares,
        "villages_per_year_by_year": quotas,
        "first_open_year": first_open,
    }


def _share(key: str, label: str, stored: dict[str, float] | None) -> dict[str, float] | None:
    """A range of shares; None where it is left open."""
    given = stored or ANY_SHARE
    span = (float(given["low"]), float(given["high"]))
    chosen = st.slider(label, 0.0, 1.0, span, SHARE_STEP, key=field_key(key))
    bounds = {"low": float(chosen[0]), "high": float(chosen[1])}
    return None if bounds == ANY_SHARE else bounds


def _quotas(stored: dict[str, int], plan_years: int) -> dict[str, int]:
    """Quotas of single years; a blank year has the common one."""
    import pandas as pd

    years = [str(year) for year in range(1, plan_years + 1)]

    def build() -> pd.DataFrame:
        return pd.DataFrame({"year": years, "quota": pd.array([stored.get(year) for year in years], dtype="Int64")})

    table = stable_table(
        field_key(f"quotas_{plan_years}"),
        build,
        hide_index=True,
        disabled=["year"],
        alt=say("field_villages_per_year_by_year"),
        column_config={
            "year": say("column_year"),
            "quota": st.column_config.NumberColumn(say("field_villages_per_year_by_year"), min_value=0, step=1),
        },
    )
    typed = {str(row["year"]): int(row["quota"]) for row in table.to_dict(orient="records") if pd.notna(row["quota"])}
    return {year: quota for year, quota in stored.items() if year not in years} | typed
