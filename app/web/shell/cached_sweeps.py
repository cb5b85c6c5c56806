"""Tables of sweeps, kept as long as their runs stay as they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from app.runs.names import RUN_FILE
from app.sweeps.names import SWEEP_FILE
from app.sweeps.sweep_folder import FAILED_FOLDER, SweepList, read_sweep_list
from app.sweeps.sweep_table import sweep_table
from app.web.shell.file_stamps import stamp


def cached_sweep(folder: Path) -> tuple[SweepList, pd.DataFrame]:
    """The list of runs of a sweep, and its table as the runs are now.

    Raises:
        InputError: the folder is not one of a sweep.
    """
    listed = read_sweep_list(folder)
    stamps = [stamp(folder / run.run_id / RUN_FILE) for run in listed.runs]
    return listed, _table(str(folder), (stamp(folder / SWEEP_FILE), stamp(folder / FAILED_FOLDER), *stamps), listed)


@st.cache_resource(show_spinner=False, max_entries=8)
def _table(folder: str, stamps: tuple[tuple[int, int], ...], _listed: SweepList) -> pd.DataFrame:
    del stamps
    return sweep_table(Path(folder), _listed)
