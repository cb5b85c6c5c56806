"""Clause by clause beside the map: a click on a clause shows its villages, what it asks for and what it rests on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.compliance.compliance_map import compliance_map, whole_plan_lines
from app.compliance.matrix import Compliance, Line
from app.compliance.places import concerned
from app.compliance.tables import places_frame
from app.compliance.words import basis_text, beyond_text, counts_line, limit_text_of, verdict_line, where_text
from app.files.names import plain
from app.plans.tables import PlanTables
from app.web.sections.villages.village_card import show_village_card
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.page_frame import csv_button, visit_key
from app.web.shell.session import in_series, language, say
from app.words.console import value_text

BANNERS = {"holds": st.success, "told": st.warning, "excepted": st.warning, "broken": st.error}
MAP_PX, MOST_CARDS = 460, 4


def show_verdict(found: Compliance) -> None:
    """The verdict in its color, and how many clauses there are of each kind."""
    BANNERS[found.level](plain(verdict_line(found, language())))
    st.caption(counts_line(found, language()))


def show_clauses(found: Compliance, tables: PlanTables, name: str) -> None:
    """The table of clauses; below it the clause that was chosen, or what is broken, and the map beside."""
    rest = [line for line in found.lines if line not in found.broken]
    all_lines = not found.broken or st.toggle(say("compliance_show_off", n=len(rest)), key=visit_key("compliance_rest"))
    lines = [*found.broken, *(rest if all_lines else [])]
    chosen = _chosen(lines, name)
    left, right = st.columns(2)
    with right:
        village = _show_map(found, tables, chosen, name)
    with left:
        for line in [chosen] if chosen is not None else found.broken[:MOST_CARDS]:
            show_clause(found, line, tables, whole=chosen is not None)
    if village:
        show_village_card({plain(name): tables}, village)


def _show_map(found: Compliance, tables: PlanTables, chosen: Line | None, name: str) -> str:
    """The map by what is broken or, of a clause, by what it is about; the village chosen on it."""
    shown = compliance_map(found, tables, language(), chosen=chosen)
    village = show_village_map(
        shown,
        key=visit_key("compliance_map", name, chosen.rule.name if chosen else ""),
        alt=say("alt_map", title=shown.title),
        height=MAP_PX,
    )
    if whole := whole_plan_lines(found, tables):
        st.caption(say("compliance_whole_plan", rules=in_series(line.rule.label[language()] for line in whole)))
    return village


def _chosen(lines: list[Line], name: str) -> Line | None:
    """The table; the line on which a cell was clicked, None for none."""
    rows = [
        {
            say("report_rule_column_rule"): line.rule.label[language()],
            say("compliance_column_verdict"): say(f"verdict_word_{line.verdict}"),
            say("report_rule_column_mode"): say(f"mode_{line.scope}"),
            say("report_rule_column_measured"): _measured(line),
            say("report_rule_column_limit"): limit_text_of(line.finding, language()),
            say("compliance_column_beyond"): beyond_text(line, language()),
            say("compliance_column_where"): where_text(line, language(), most=3),
        }
        for line in lines
    ]
    state = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        key=visit_key("compliance_clauses", name),
        alt=say("compliance_all_title"),
        height=min(MAP_PX, 38 * (len(rows) + 1) + 4),
    )
    return chosen_line(lines, [row for row, _ in state["selection"]["cells"]])


def chosen_line(lines: list[Line], rows: list[int]) -> Line | None:
    """The line of the row that was clicked last; None for none."""
    return lines[rows[-1]] if rows and rows[-1] < len(lines) else None


def _measured(line: Line) -> str:
    return value_text(None if line.finding is None else line.finding.measured, line.rule.unit, language())


def show_clause(found: Compliance, line: Line, tables: PlanTables, *, whole: bool) -> None:
    """One clause: where it is written, what it asks for, value and limit; as a whole, its villages, too."""
    with st.container(border=True):
        st.markdown(f"**{plain(line.rule.label[language()])}** · {say(f'verdict_word_{line.verdict}')}")
        if line.finding is not None and line.finding.limit is not None:
            limit, beyond = limit_text_of(line.finding, language()), beyond_text(line, language())
            st.markdown(plain(say("compliance_limit_of", measured=_measured(line), limit=limit, beyond=beyond)))
        st.markdown(f"{plain(line.clause.demand(language()))}  \n{plain(line.clause.article(language()))}")
        st.caption(plain(basis_text(found, line, language())))
        if not whole:
            return
        st.caption(plain(say("compliance_measured_as", recipe=line.rule.recipe_in(language()))))
        if line in found.broken:
            _show_places(found, line, tables)


def _show_places(found: Compliance, line: Line, tables: PlanTables) -> None:
    """The villages that the clause is about, with what the plan decides there."""
    where = concerned(found, line, tables)
    st.markdown(say("compliance_n_villages", n=int(where.mask.sum()), how=say(f"how_{where.how}")))
    frame = places_frame(found, tables)
    rows = frame[frame["rule"] == line.rule.name]
    shown = pd.DataFrame(
        {
            say("column_village"): rows["village_id"],
            say("column_name"): rows["name"],
            say("column_district"): rows["district"],
            say("column_start_year"): [str(year) if year else say("map_kept") for year in rows["start_year"]],
            say("column_intensity"): [say(f"word_{word}") for word in rows["intensity"]],
            say("column_land_use"): [say(f"word_{word}") for word in rows["land_use"]],
            say("column_floor_area_ratio"): rows["floor_area_ratio"].round(2),
            say("column_facility_ratio"): rows["facility_ratio"].round(2),
            say("compliance_column_excepted"): [
                say("answer_yes" if given else "answer_no") for given in rows["excepted"]
            ],
        }
    )
    st.dataframe(shown, hide_index=True, alt=say("compliance_places_title"))
    csv_button(say("export_as", suffix="CSV"), rows, f"{line.rule.name}.csv", f"places_{line.rule.name}")
