"""What is said of a plan that was brought: how it was read, what it is worth, its rules, and the ladder of mending."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.files.names import is_id, plain
from app.plans.reading_text import asked_words, became_words
from app.studies.judgement_files import (
    APPROXIMATIONS_FILE,
    ASKED_FILE,
    CHANGES_FILE,
    LADDER_FILE,
    MAPPED_FILE,
)
from app.studies.judgement_text import estimate_line
from app.web.documents.workspace import Workspace
from app.web.figures.charts_judge import ladder_figure
from app.web.sections.indicator_tables import shown
from app.web.shell.page_frame import show_chart, visit_key
from app.web.shell.run_names import run_name
from app.web.shell.session import in_series, language, say
from app.words.console import percent_text, value_text
from data.table_cells import is_missing
from envs.kernel.indicators.registry import INDICATORS
from optimizers.mending.gap import ON_FRONT


def show_judgement(workspace: Workspace, folder: Path, record: dict[str, Any]) -> None:
    """The whole judgment, from its files."""
    st.subheader(say("judge_of", file=plain(record["plan_file"]), run=plain(_run_name(workspace, record["run"]))))
    _show_reading(folder, record)
    _show_worth(record)
    if record["ladder"]:
        _show_ladder(folder, record)
    _show_files(folder, record)


def _run_name(workspace: Workspace, run: object) -> str:
    """What the run is called now; its folder may be gone, or have a name that the room would not give."""
    return run_name(workspace, str(run)) if is_id(str(run)) else str(run)


def _show_reading(folder: Path, record: dict[str, Any]) -> None:
    for note in record["notes"][language()]:
        st.caption(plain(note))
    n = record["n_approximations"]
    if n == 0:
        return
    with st.expander(say("judge_approximations_title", n=n)):
        table = _table(folder / APPROXIMATIONS_FILE)
        headings = {
            "village_id": say("column_village"),
            "field": say("judge_field"),
            "asked": say("judge_asked"),
            "became": say("judge_became"),
        }
        fields = table["field"].tolist()
        table["field"] = [say(f"column_{name}") for name in fields]
        for column, words in (("asked", asked_words), ("became", became_words)):
            table[column] = [
                words(field, "" if is_missing(cell) else str(cell), language())
                for field, cell in zip(fields, table[column], strict=True)
            ]
        st.dataframe(table.rename(columns=headings), hide_index=True, alt=say("judge_approximations_title", n=n))


def _show_worth(record: dict[str, Any]) -> None:
    asked, mapped = record["asked"], record["mapped"]
    if asked["valid"]:
        st.success(say("judge_valid"))
    else:
        broken = [item for item in asked["rules"] if item["rule"] in asked["broken"]]
        st.error(say("judge_invalid", n=len(broken), rules=in_series(item["label"][language()] for item in broken)))
        if mapped["valid"]:
            st.caption(say("judge_mapped_valid"))
    if asked["reported_broken"]:
        told = [item["label"][language()] for item in asked["rules"] if item["rule"] in asked["reported_broken"]]
        st.warning(say("judge_reported", rules=in_series(told)))
    if record["n_dominating"]:
        st.markdown(say("judge_dominated", n=record["n_dominating"], gap=max(mapped["gap_to_front"], 0.0)))
    else:
        key = "judge_not_dominated" if mapped["gap_to_front"] <= 0.0 else "judge_behind"
        st.markdown(say(key, gap=mapped["gap_to_front"], nearest=plain(record["nearest"])))
    rows = [{say("plan"): say("judge_this_plan")} | _objectives(mapped["objectives"])]
    for item in record["dominated_by"]:
        reached = {
            name: mapped["objectives"][name] + lead * (1.0 if INDICATORS[name].sense == "max" else -1.0)
            for name, lead in item["better_by"].items()
        }
        rows.append({say("plan"): item["plan_id"]} | _objectives(reached))
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("judge_table"))


def _objectives(values: dict[str, float]) -> dict[str, str]:
    return {INDICATORS[name].label[language()]: shown(name, value) for name, value in values.items()}


def _show_ladder(folder: Path, record: dict[str, Any]) -> None:
    st.markdown(f"**{say('judge_ladder')}**")
    ladder = pd.read_csv(folder / LADDER_FILE)
    show_chart(
        ladder_figure(ladder, language()), key=visit_key("judge_ladder"), alt=say("judge_alt_ladder", n=len(ladder) - 1)
    )
    rows = []
    for row in ladder.drop_duplicates("changes").to_dict("records"):  # larger rungs may need no more changes
        line = {
            say("judge_changes"): str(int(row["changes"])),
            say("judge_gap"): percent_text(row["gap_to_front"], digits=2),
        }
        expected = row.get("gap_expected_at_least")
        line[say("judge_least_gap")] = "" if is_missing(expected) else percent_text(float(expected or 0.0), digits=2)
        for name in record["objectives"]:
            change = value_text(row[f"{name}_change"], INDICATORS[name].unit, language(), signed=True)
            line[INDICATORS[name].label[language()]] = change
        rows.append(line | {say("judge_rules_broken"): str(int(row["n_rules_broken"]))})
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("judge_ladder"))
    for words in _fewest(record):
        st.markdown(words)
    _show_changes(folder, record)


def _fewest(record: dict[str, Any]) -> list[str]:
    """How few changes suffice, and how sure that is."""
    lines, within = [], percent_text(ON_FRONT, digits=0)
    in_rules, least = record["fewest_changes_found_within_rules"], record["fewest_changes_proven_for_rules"]
    if least or in_rules:
        key = "judge_rules_not_reached" if in_rules is None else "judge_rules_reached"
        lines.append(say(key, n=in_rules or 0, least=least))
    found = record["fewest_changes_found_to_front"]
    if found is None:
        lines.append(say("judge_front_not_reached", most=record["ladder"][-1]["most"], within=within))
    elif found == 0:
        lines.append(say("judge_front_already", within=within))
    else:
        lines.append(say("judge_front_reached", n=found, within=within))
    if record.get("estimate") and found != 0:
        lines.append(estimate_line(record["estimate"], record["ladder"][-1]["most"], language()))
    lines.append(say("judge_effort", evaluations=record["evaluations"], seconds=record["seconds"]))
    return [*lines, say("judge_stopped_by_time")] if record.get("stopped_by_time") else lines


def _show_changes(folder: Path, record: dict[str, Any]) -> None:
    """The changes of one rung, each with what it alone is worth."""
    by_changes = {item["changes"]: item for item in reversed(record["ladder"]) if item["changes"]}
    rungs = list(reversed(by_changes.values()))
    if not rungs:
        return
    most = st.selectbox(
        say("judge_rung"),
        [item["most"] for item in rungs],
        format_func={item["most"]: str(item["changes"]) for item in rungs}.__getitem__,
        key=visit_key("judge_rung"),
    )
    changes = _table(folder / CHANGES_FILE)
    rows = []
    for row in changes[changes["most_changes"] == most].to_dict("records"):
        line = {say("column_village"): f"{row['name']} ({row['village_id']})", say("column_district"): row["district"]}
        line |= {say("judge_from"): _decision(row, "from"), say("judge_to"): _decision(row, "to")}
        for name in record["objectives"]:
            own = value_text(row[f"own_change_{name}"], INDICATORS[name].unit, language(), signed=True)
            line[INDICATORS[name].label[language()]] = own
        rows.append(line)
    st.caption(say("judge_own_gain"))
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("judge_rung"))


def _decision(row: dict[Any, Any], end: str) -> str:
    """A decision in a few words."""
    if row[f"{end}_start_year"] == 0:
        return say("judge_kept")
    parts = [say("year_n", year=row[f"{end}_start_year"]), say(f"word_{row[f'{end}_intensity']}")]
    if row[f"{end}_floor_area_ratio"] > 0.0:
        far = f"{say('column_floor_area_ratio')} {row[f'{end}_floor_area_ratio']:g}"
        parts += [say(f"word_{row[f'{end}_land_use']}"), far]
    return in_series([*parts, f"{say('column_facility_ratio')} {percent_text(row[f'{end}_facility_ratio'])}"])


def _show_files(folder: Path, record: dict[str, Any]) -> None:
    st.caption(say("judge_files"))
    files = {
        ASKED_FILE: say("judge_file_asked"),
        APPROXIMATIONS_FILE: say("judge_file_approximations"),
        MAPPED_FILE: say("judge_file_mapped"),
    }
    if record["ladder"]:
        files |= {item["file"]: say("judge_file_mended", most=item["most"]) for item in record["ladder"]}
        files |= {LADDER_FILE: say("judge_file_ladder"), CHANGES_FILE: say("judge_file_changes")}
    with st.container(horizontal=True):
        for name, label in files.items():
            content = (folder / name).read_bytes()
            st.download_button(label, content, name, "text/csv", key=visit_key("judge_file", name), on_click="ignore")


def _table(path: Path) -> pd.DataFrame:
    """A table of the folder, its ids as they are written."""
    return pd.read_csv(path, dtype={"village_id": str, "name": str, "asked": str, "became": str})
