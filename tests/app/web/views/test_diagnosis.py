"""Page Diagnosis in both languages: weights by pairs, refusal, card, areas; page Plan says what is left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.web.documents.diagnosis_uploads import uploaded_areas, uploaded_cases
from app.words.city_name import city_name
from data.city import City
from data.errors import InputError
from data.files.cities import load_city
from data.scenario_files import load_scenario
from room_fixtures import shown

Open = Callable[..., AppTest]


@pytest.fixture
def tiny(workspace: object) -> City:
    return load_city("tiny")


@pytest.fixture
def on_tiny(workspace: object) -> dict[str, str]:
    """A draft of the tiny city."""
    from app.web.documents.scenario_draft import draft_of

    workspace.write("draft", "draft-1", {"city": "tiny", "preset": "tiny", "content": draft_of("tiny")})  # type: ignore[attr-defined]
    return {"draft": "draft-1"}


def box(app: AppTest, name: str) -> object:
    return next(item for item in app.selectbox if (item.key or "").startswith(name))


@pytest.mark.parametrize(("language", "words"), [("en", "most in need"), ("zh", "需求最高")])
def test_the_page_in_both_languages(open_page: Open, on_tiny: dict[str, str], language: str, words: str) -> None:
    app = open_page("diagnosis", lang=language, **on_tiny)
    assert not app.exception
    assert words in shown(app)
    assert any(city_name("tiny", language) in line.value for line in app.caption), "the page names its city"
    assert len(app.dataframe) >= 3
    for method in ("entropy", "manual", "published"):
        box(app, "diagnosis_method").set_value(method).run()  # type: ignore[attr-defined]
        assert not app.exception
        assert not app.error
    assert "44.26" in shown(app)
    assert "45.78" in shown(app)
    box(app, "diagnosis_coloring").set_value("density").run()  # type: ignore[attr-defined]
    assert not app.exception


def test_pairs_that_contradict_each_other_must_be_confirmed(open_page: Open, on_tiny: dict[str, str]) -> None:
    app = open_page("diagnosis", lang="en", **on_tiny)
    box(app, "diagnosis_method").set_value("ahp").run()  # type: ignore[attr-defined]
    assert "consistency ratio 0.000" in shown(app)
    for slider, step in zip(app.select_slider[:3], (9, -9, 9), strict=True):
        slider.set_value(step)
    app.run()
    assert "above 0.1" in shown(app)
    assert "villages are most in need" not in shown(app)
    next(item for item in app.checkbox if (item.key or "").startswith("diagnosis_confirm")).check().run()
    assert "confirmed as it is" in shown(app)
    assert "villages are most in need" in shown(app)


def test_areas_by_name_and_box(open_page: Open, on_tiny: dict[str, str], tiny: City) -> None:
    app = open_page("diagnosis", lang="en", **on_tiny)
    district = next(item for item in app.multiselect if (item.key or "").startswith("areas_districts"))
    district.set_value([tiny.districts[0]]).run()
    assert any(tiny.districts[0] in frame.value.columns for frame in app.dataframe)
    field = next(item for item in app.text_input if (item.key or "").startswith("areas_box"))
    field.set_value("1, 2, three").run()
    assert "two corners" in shown(app)
    assert not app.exception


def test_those_most_in_need_go_to_the_scenario(open_page: Open, on_tiny: dict[str, str], workspace: object) -> None:
    app = open_page("diagnosis", lang="en", **on_tiny)
    next(item for item in app.button if (item.key or "").startswith("diagnosis_lock")).click().run()
    assert not app.exception
    written = workspace.read("draft", "draft-1")  # type: ignore[attr-defined]
    assert written["content"]["locked"] == ["V6"]
    assert "already" in shown(app)


def test_uploads_are_told_of_by_their_own_names(tiny: City) -> None:
    with pytest.raises(InputError, match=r"案例\.csv"):
        uploaded_cases(("案例.csv", b"case_id,name\n1,2\n"))
    with pytest.raises(InputError, match=r"areas\.exe"):
        uploaded_areas(("areas.exe", b""), tiny)
    with pytest.raises(InputError, match=r"片区\.geojson"):
        uploaded_areas(("片区.geojson", b"{}"), tiny)


@pytest.mark.parametrize(("language", "words"), [("en", "most in need"), ("zh", "需求最高的")])
def test_page_plan_says_what_is_left_out(open_page: Open, language: str, words: str) -> None:
    app = open_page("plan", lang=language, run="first")
    assert not app.exception
    assert any(words in item.label for item in app.expander)


def test_the_drawn_ring_is_where_it_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the browser tells is meters from the middle of the map; the same ring again is not taken again."""
    from app.web.sections.villages import village_map as drawn

    kept: dict[str, object] = {}
    monkeypatch.setattr(drawn, "remember", kept.__setitem__)
    monkeypatch.setattr(drawn, "remembered", kept.get)
    ring = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]
    drawn._take_ring(["V1", {"ring": ring}], [1000.0, 2000.0], "m")
    assert np.array(kept["ring:m"]).tolist() == [[1000.0, 2000.0], [1010.0, 2000.0], [1010.0, 2010.0]]
    drawn.forget_drawn_area("m")
    drawn._take_ring([{"ring": ring}], [1000.0, 2000.0], "m")
    assert kept["ring:m"] is None
    drawn._take_ring([{"ring": [["x"]]}, "V2"], [0.0, 0.0], "m")
    assert kept["ring:m"] is None
    assert load_scenario("tiny").name


def test_page_plan_follows_the_weights_last_chosen(open_page: Open) -> None:
    app = open_page("diagnosis", lang="en", run="first")
    box(app, "diagnosis_method").set_value("entropy").run()  # type: ignore[attr-defined]
    app.switch_page("views/plan.py").run()
    assert not app.exception
    assert "Weights by entropy" in shown(app)
