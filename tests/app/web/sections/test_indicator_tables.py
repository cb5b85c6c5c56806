"""Changes as the pages say them, by hand."""

from __future__ import annotations

import pytest

from app.web.sections.indicator_tables import shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (0.747625 - 0.659790, "+0.0878"),
        (-0.0724, "-0.0724"),
        (0.01, "+0.0100"),
        (0.00084, "+0.00084"),
        (-0.00002, "-0.000020"),
        (0.0, "0"),
    ],
)
def test_a_change_of_an_index_reads_as_in_the_brief(change: float, said: str) -> None:
    """Four decimals as in the brief and on the command line; below 0.01 two digits, so that little is not nothing."""
    assert shown("service_accessibility", change, signed=True) == said
