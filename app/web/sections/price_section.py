"""The price of robustness on page Compare: a robust front beside the plain one of the same question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.runs.run_folder import Run
from app.stress.price_of_robustness import PriceOfRobustness, price_frame, price_of_robustness
from app.stress.price_text import SHOWN, price_sentences
from app.web.documents.workspace import Workspace
from app.web.figures.charts_price import price_figure
from app.web.jobs.queue import has_front
from app.web.sections.comparison_choice import ComparedPlan
from app.web.shell.cached_data import cached_run
from app.web.shell.page_frame import csv_button, show_chart, visit_key
from app.web.shell.run_names import run_name, run_words
from app.web.shell.session import language, say
from app.words.console import value_text
from data.errors import InputError
from envs.kernel.futures.robust_names import measures_named

FUTURES, SEED = 2000, 1
"""Other futures than searches read by default."""
SHOWN_PAIRS = 12


def show_price(workspace: Workspace, plans: Sequence[ComparedPlan]) -> None:
    """Choose a robust and a plain run; what robustness gives up and saves between them."""
    st.caption(say("price_help", n=FUTURES))
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    first = list(dict.fromkeys([plan.ref.run_id for plan in plans] + ids))
    runs = {name: run for name in first if (run := _run(workspace, name)) is not None}
    robust = [name for name, run in runs.items() if measures_named(run.record.objectives)]
    others = [name for name in runs if name not in robust]
    if not robust or not others:
        st.info(say("price_none"))
        return
    words = run_words(workspace, list(runs))
    left, right = st.columns(2)
    with left:
        one = str(st.selectbox(say("price_robust_run"), robust, format_func=words, key=visit_key("price_robust")))
    with right:
        other = str(st.selectbox(say("price_plain_run"), others, format_func=words, key=visit_key("price_plain")))
    try:
        with st.spinner(say("price_measuring")):
            price = _price(runs[one], runs[other])
    except InputError as error:
        st.error(plain(error))
        return
    _show(price, runs[one].folder, runs[other].folder, plain(run_name(workspace, other)))


def _show(price: PriceOfRobustness, robust: Path, other: Path, other_name: str) -> None:
    for sentence in price_sentences(price, other_name, language()):
        st.markdown(plain(sentence))
    show_chart(price_figure(price, language()), alt=say("alt_price"), key="price_chart")
    frame = price_frame(price)
    if not frame.empty:
        st.markdown(f"**{say('price_pairs_shown', n=min(SHOWN_PAIRS, len(frame)), of=len(frame))}**")
        st.dataframe(_shown(frame), hide_index=True, width="stretch")
        csv_button(say("price_csv"), frame, f"price-{robust.name}.csv", "price_csv")
    st.caption(say("price_command"))
    command = f"renewal stress --run {quote(robust.name)} --plain {quote(other.name)} --futures 10000 --out stressed"
    st.code(command, language="sh")


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    rows: list[dict[Any, Any]] = frame.sort_values("saved", ascending=False).head(SHOWN_PAIRS).to_dict("records")
    heads = {name: say(f"price_column_{name}") for name in ("plan", "plain_plan", *SHOWN)}
    return pd.DataFrame(
        [
            {heads["plan"]: row["plan_id"], heads["plain_plan"]: row["plain_plan_id"]}
            | {heads[name]: value_text(row[name], row["unit"], language()) for name in SHOWN}
            for row in rows
        ]
    )


def _run(workspace: Workspace, name: str) -> Run | None:
    try:
        return cached_run(workspace, name)
    except InputError:
        return None  # of an older model, or damaged: page Search says so


def _price(robust: Run, other: Run) -> PriceOfRobustness:
    key = (str(robust.folder), robust.record.created, str(other.folder), other.record.created)
    return _measured(key, robust, other)


@st.cache_resource(show_spinner=False, max_entries=12)
def _measured(key: tuple[str, ...], _robust: Run, _other: Run) -> PriceOfRobustness:
    del key
    return price_of_robustness(_robust, _other, n_futures=FUTURES, seed=SEED)
