"""The chapter on need names the villages most in need that the plan leaves out, and no others."""

from __future__ import annotations

import numpy as np

from app.report.chapters_diagnosis import MOST_VILLAGES, need
from app.report.document import Bullets, Table
from app.report.subject import Subject
from envs.diagnosis.diagnosis import diagnose


def test_who_is_left_out_stands_in_the_table(subject: Subject) -> None:
    told = diagnose(subject.tables.resolved)
    kept = np.asarray(subject.tables.plan.start_year[0]) == 0
    left = told.city.villages.village_id[told.in_need & kept].tolist()
    blocks = list(need(subject))
    table = next(block for block in blocks if isinstance(block, Table))
    named = [str(row[0]).split()[0] for row in table.rows]
    if left:  # else those most in need stand there
        assert len(named) == min(len(left), MOST_VILLAGES)
        assert set(named) <= set(left)
    said = " ".join(next(block for block in blocks if isinstance(block, Bullets)).items)
    assert str(int(told.in_need.sum())) in said
