"""What planners say, and what is read of it: tables of phrasings, and what must hold of every sentence."""

from __future__ import annotations

import re
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files.cities import load_city
from data.scenario_files import load_scenario, scenario_from_mapping
from data.sentences.lexicon import phrases, things
from data.sentences.places import places_of
from data.sentences.reading import Reading, Said, Unclear, read_sentence
from data.sentences.said_scenario import placed, scenario_fields
from data.sentences.tokens import Places

HERE = Path(__file__).parent
TABLES = ("phrasings_before", "phrasings_zh", "phrasings_en")
DISTRICTS = ["朝阳区", "海淀区", "丰台区", "通州区", "东城区", "延庆区", "昌平区", "大兴区", "石景山区", "顺义区"]
PLACES = Places({}, {name: whole for whole in DISTRICTS for name in (whole, whole[:-1])})
FIGURE = re.compile(r"\d+(?:\.\d+)?")


def table(name: str) -> list[tuple[str, Any]]:
    return [tuple(row) for row in yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))]


@cache
def base() -> dict[str, Any]:
    return load_scenario("balanced").model_dump(mode="json")


@cache
def read(sentence: str) -> Reading:
    return placed(read_sentence(sentence, PLACES), base())


def everything(reading: Reading) -> list[Said | Unclear]:
    return [*reading.said, *reading.unclear]


def fields(sentence: str) -> dict[str, Any]:
    return {path: value for path, value in read(sentence).fields.items() if path != "rest"}


def rounded(said: dict[str, Any]) -> dict[str, Any]:
    return {path: float(f"{value:.12g}") if isinstance(value, float) else value for path, value in said.items()}


def expected(said: dict[str, Any]) -> dict[str, Any]:
    """An `objectives` list stands for each of its names."""
    listed = {f"objectives.{name}": True for name in said.get("objectives", [])}
    return {path: value for path, value in said.items() if path != "objectives"} | listed


@pytest.mark.parametrize("name", TABLES)
def test_every_phrasing_says_what_it_says(name: str) -> None:
    wrong = {
        sentence: (fields(sentence), [one.words for one in read(sentence).unclear])
        for sentence, said in table(name)
        if read(sentence).unclear or rounded(fields(sentence)) != rounded(expected(said))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", TABLES)
def test_every_phrasing_makes_a_scenario(name: str) -> None:
    for sentence, _ in table(name):
        scenario_from_mapping(scenario_fields(read(sentence), base()), file=sentence)


def test_there_are_enough_of_both_languages() -> None:
    sentences = [sentence for name in TABLES for sentence, _ in table(name)]
    chinese = [sentence for sentence in sentences if re.search("[\u4e00-\u9fff]", sentence)]
    assert len(table("phrasings_before")) == 40
    assert len(sentences) >= 120
    assert len(chinese) >= 60
    assert len(table("refused")) >= 40


def test_what_is_not_understood_is_named() -> None:
    wrong = {
        sentence: [one.words for one in read(sentence).unclear]
        for sentence, named in table("refused")
        if [one.words for one in read(sentence).unclear] != named
    }
    assert wrong == {}


def test_every_example_of_the_guide_is_taken() -> None:
    guide = (HERE.parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    rows = guide.split("| to say | for example | sets |")[1].split("\n\n")[0].splitlines()[2:]
    examples = [example.strip() for row in rows for example in row.split("|")[2].split(";")]
    districts = {**PLACES.districts, "fengtai": "丰台区"}
    places = Places({name: (name.upper(),) for name in ("v0001", "v0003")}, districts)
    readings = {sentence: placed(read_sentence(sentence, places), base()) for sentence in examples}
    assert len(examples) >= 30
    assert [sentence for sentence, reading in readings.items() if reading.unclear or not reading.said] == []


def test_places_lead_back_to_the_words() -> None:
    for sentence, _ in (*table("refused"), *table("phrasings_before")):
        for one in everything(read(sentence)):
            assert sentence[one.start : one.end] == one.words


CLAUSES = ("十年", "每年五十个村", "容积率不超过2.5", "通勤优先", "拆除不超过20%", "资金峰值控制在一千亿以内")


def test_the_order_of_clauses_does_not_matter() -> None:
    whole = fields("，".join(CLAUSES))
    assert len(whole) == 7
    assert all(fields("，".join(order)) == whole for order in list(permutations(CLAUSES))[::97])


@given(st.lists(st.sampled_from(sorted({s for name in (*TABLES, "refused") for s, _ in table(name)})), max_size=4))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_every_number_is_read_or_named(sentences: list[str]) -> None:
    sentence = "。".join(sentences)
    reading = read_sentence(sentence, PLACES)
    places = [(one.start, one.end) for one in everything(reading)]
    for figure in FIGURE.finditer(sentence):
        assert any(start <= figure.start() and figure.end() <= end for start, end in places), (figure[0], sentence)


@given(st.text(alphabet="十五年每村个容积率不超过2.5%,，。 通勤优先前三FARatmos不except除to的", max_size=30))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_letters_are_read_or_named(sentence: str) -> None:
    reading = read_sentence(sentence, PLACES)
    for one in everything(reading):
        assert sentence[one.start : one.end] == one.words


@pytest.mark.parametrize(
    ("sentence", "n"),
    [
        ("投资不超过300亿", 2),
        ("no mass demolition", 2),
        ("以净现值和碳排放为目标", 3),
        ("at most 300 bn of investment", 2),
    ],
)
def test_two_readings_are_both_told(sentence: str, n: int) -> None:
    assert [len(one.readings) for one in read(sentence).unclear] == [n]
    assert read(sentence).said == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "十年，十五年",
        "V0001必须改造，V0001保留",
        "容积率不超过2，容积率不低于3",
        "通勤优先，投资优先",
        "commute first, weights: net present value 50%, commute 30%, accessibility 20%",
        "rebuild only, no rebuild",
    ],
)
def test_contradictions_name_both_sides(sentence: str) -> None:
    reading = read(sentence)
    assert reading.said == ()
    assert {one.message.key for one in reading.unclear} == {"sentence_contradiction"}


def test_the_years_of_a_sentence_are_counted_in_its_own_programme() -> None:
    """Of ten years the last five are also those after the first five; of the base's twelve they are not."""
    assert fields("十年，前五年每年30个村，后五年每年50个村")["villages_per_year_by_year.10"] == 50
    assert [one.words for one in read("前五年每年30个村，后五年每年50个村").unclear] == ["后五年每年50个村"]


def test_a_quota_of_all_years_replaces_those_of_single_years() -> None:
    stale = base() | {"villages_per_year_by_year": {"2": 7}}
    assert scenario_fields(placed(read_sentence("每年五十个村"), stale), stale)["villages_per_year_by_year"] == {}


def test_a_bound_makes_its_rule_hard_again() -> None:
    mild = base() | {"rules": {"annual_capital": "off"}}
    said = scenario_fields(placed(read_sentence("年度投资不超过200亿"), mild), mild)
    assert said["rules"]["annual_capital"] == "hard"


def test_fields_are_changed_where_they_were_said_only() -> None:
    said = scenario_fields(read("容积率不超过2.5"), base())
    changed = {name for name, value in said.items() if value != base()[name]}
    assert changed == {"name", "label", "floor_area_ratio"}
    assert said["floor_area_ratio"] == {"low": base()["floor_area_ratio"]["low"], "high": 2.5}


def test_names_in_the_tables_are_known_to_the_model() -> None:
    from data.parameter_book import load_book
    from envs.kernel.indicators.registry import INDICATORS
    from envs.rules.registry import RULES

    for thing in things().values():
        assert {thing.rule, thing.rule_low, thing.rule_high, thing.denied_rule} - {""} <= set(RULES), thing.name
        assert {thing.indicator, thing.objective} - {""} <= set(INDICATORS), thing.name
        paths = {thing.low, thing.high, thing.equal}
        assert {path[11:] for path in paths if path.startswith("parameters.")} <= set(load_book()), thing.name
    assert len(phrases()) > 1000


def test_districts_are_called_in_latin_letters_too() -> None:
    places = places_of(load_city("beijing"))
    reading = read_sentence("population of Fengtai at most 2 million; Chaoyang district: at most 3 million", places)
    assert reading.fields == {
        "district_limits.丰台区.population_persons": 2e6,
        "district_limits.朝阳区.population_persons": 3e6,
    }
