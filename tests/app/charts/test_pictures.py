"""Charts and maps are drawn without a warning, whatever the names."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib import font_manager, get_data_path

from app.charts.fonts import _list_new_fonts, chinese_font, drawn_language, drawn_text
from app.charts.front_chart import write_front_chart
from app.charts.maps import write_map
from app.runs.loading import with_objectives
from app.runs.run_folder import Run


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "objectives",
    [
        ["total_cost_cny"],
        ["mean_commute_km", "service_accessibility"],
        ["net_present_value_cny", "mean_commute_km", "service_accessibility", "total_cost_cny"],
    ],
)
def test_front_charts(objectives: list[str], language: str, run: Run, tmp_path: Path) -> None:
    resolved = replace(run.resolved, scenario=with_objectives(run.resolved.scenario, objectives))
    write_front_chart(tmp_path / "front.png", resolved, run.front, run.record.recommended, language=language)
    assert (tmp_path / "front.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["北京 $x^2", "plain", "_a$b_"])
def test_maps_of_any_name(name: str, run: Run, tmp_path: Path) -> None:
    resolved = replace(run.resolved, city=replace(run.resolved.city, name=name))
    write_map(tmp_path / "map.png", resolved, run.plans[:1], "p001", language="zh")
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_without_a_chinese_font_the_language_is_english() -> None:
    assert drawn_language("zh") == ("zh" if chinese_font() else "en")
    assert drawn_language("en") == "en"
    assert drawn_text("a$b") == r"a\$b"


def test_fonts_installed_after_matplotlib_listed_them_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font, broken = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(broken), str(font)])
    manager = copy(font_manager.fontManager)
    manager.ttflist = []
    _list_new_fonts(manager)
    assert [entry.name for entry in manager.ttflist] == ["DejaVu Sans"]
