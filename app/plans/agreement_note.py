"""What is said of a plan whose scenario looks at bargaining: what its outcomes are, how much is likely agreed on."""

from __future__ import annotations

import math
from collections.abc import Mapping

from app.words.console import percent_text
from data.catalogue import text
from data.scenario import Bargaining, Scenario


def agreement_note(scenario: Scenario, values: Mapping[str, float], language: str) -> str:
    """The note on one plan; empty where bargaining is off.

    Args:
        scenario: of the plan.
        values: indicator -> value of the plan.
        language: en or zh.
    """
    if scenario.bargaining is Bargaining.OFF:
        return ""
    said = text(f"agreement_{scenario.bargaining}", language)
    share = values["agreed_site_share"]
    if math.isnan(share):
        return said
    risk = round(values["villages_at_risk"])
    return said + text("agreement_expected", language, share=percent_text(share), risk=risk)
