"""What a plan costs tenants, in one line of either language."""

from __future__ import annotations

from app.plans.tenants_cost import tenants_line, winners_line

VALUES = {
    "displaced_tenants_persons": 950.0,
    "displaced_tenants_share": 0.338,
    "losers_share_tenants": 0.415,
    "tenant_rent_ratio": 2.04,
}


def test_everything_that_is_known_is_said() -> None:
    said = tenants_line(VALUES, "en")
    for part in ("950", "33.8 %", "41.5 %", "2.0 times"):
        assert part in said
    assert tenants_line(VALUES, "zh").startswith("租户代价：外迁 950")


def test_what_is_undefined_is_left_out() -> None:
    assert "times" not in tenants_line(VALUES | {"tenant_rent_ratio": float("nan")}, "en")
    assert tenants_line({"losers_share_tenants": 0.2}, "en") == ""


def test_winners_and_losers_are_said_where_there_are_any() -> None:
    said = winners_line({"winners_share": 0.25, "losers_share": 0.5}, "en")
    assert "25.0 %" in said
    assert "50.0 %" in said
    assert winners_line({"winners_share": 0.0, "losers_share": 0.0}, "en") == ""
    assert winners_line({"losers_share": 0.5}, "en") == ""
