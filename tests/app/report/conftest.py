"""Reports of one plan of the short run, in both languages and both formats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.plans.tables import plan_tables
from app.report.subject import Subject
from app.runs.run_folder import Run


@pytest.fixture(scope="session")
def plan_id(run: Run) -> str:
    """The plan that renews most villages."""
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


@pytest.fixture(scope="session", params=["en", "zh"])
def subject(request: pytest.FixtureRequest, run: Run, plan_id: str) -> Subject:
    return Subject(run, plan_id, plan_tables(run.resolved, run.plan(plan_id)), request.param)


@pytest.fixture
def hostile(run: Run, plan_id: str) -> Subject:
    """A run of a city whose names are meant to break something."""
    city = run.resolved.city
    wicked = [
        "<b>&<para></font>%s{x}",
        '=HYPERLINK("http://example.org")',
        "长" * 3_000,
        "قرية \u202eevil\u202c",
        "🏚\ufe0f village \x00\x08",
        "]]><!-- x",
        "\n\n\t",
        "ẞ𠀀ק",
    ]
    names = [wicked[k % len(wicked)] for k in range(city.n_villages)]
    villages = replace(city.villages, name=_texts(names))
    districts = tuple(wicked[(k + 1) % len(wicked)] for k in range(len(city.districts)))
    synthetic = {"villages": "<script>" * 400, "zones": "\u202e=1+1"}
    hostile_city = replace(city, name="<i>" * 50, villages=villages, districts=districts, synthetic=synthetic)
    resolved = replace(run.resolved, city=hostile_city)
    record = run.record.model_copy(update={"algorithm": "<a href='x'>", "created": "\x01" * 20})
    other = replace(run, resolved=resolved, record=record)
    return Subject(other, plan_id, plan_tables(resolved, run.plan(plan_id)), "en")


def _texts(names: list[str]):  # type: ignore[no-untyped-def]
    import numpy as np

    return np.array(names)
