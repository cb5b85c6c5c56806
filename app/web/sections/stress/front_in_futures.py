"""Every plan of a front in the same futures: how often each is the best, and what it falls short of the best."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.runs.run_folder import Run
from app.stress.known_stress import best_sentence, sample_sentence
from app.web.documents.workspace import Workspace
from app.web.sections.stress.stress_order import show_order
from app.web.shell.cached_stress import cached_front_stress
from app.web.shell.page_frame import csv_button
from app.web.shell.session import current, language, say
from app.words.console import percent_text, value_text


def show_front_in_futures(workspace: Workspace, run: Run) -> None:
    """Ordered here; the chart above then has P10 to P90 beside every plan."""
    st.caption(say("stress_front_intro"))
    show_order(workspace, run, (), "front")
    known = cached_front_stress(run)
    if known is None:
        return
    st.caption(sample_sentence(known, language()))
    st.markdown(plain(best_sentence(known, current("plan"), language())))
    st.markdown(plain(known.rule(current("plan"), language())))
    ranks = known.tables["ranks"].sort_values(["best_share", "mean_regret_cny"], ascending=[False, True])
    money = ("mean_regret_cny", "p90_regret_cny", "largest_regret_cny")
    table = pd.DataFrame(
        {
            say("stress_column_plan"): ranks["plan_id"],
            say("stress_column_best_share"): [percent_text(share) for share in ranks["best_share"]],
            **{
                say(f"stress_column_{name.removesuffix('_cny')}"): [
                    value_text(float(value), "CNY", language()) for value in ranks[name]
                ]
                for name in money
            },
        }
    )
    st.dataframe(table, hide_index=True, alt=say("stress_front_title"))
    csv_button(say("stress_csv"), known.tables["ranks"], f"futures-{run.folder.name}.csv", "stress_ranks_csv")
