"""Tables of documented projects: the house's own, and what is refused of a planner's."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from data.diagnosis.cases import FEATURES, documented_cases, read_cases
from data.errors import InputError

HEAD = "case_id,name,source,confidence,area_ha,residents,mode\n"


def written(tmp_path: Path, content: str, name: str = "cases.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_every_case_of_the_house_has_a_source_and_something_to_compare() -> None:
    cases = documented_cases()
    assert len({case.case_id for case in cases}) == len(cases)
    for case in cases:
        assert all(case.source.values())
        assert case.name["en"].isascii()
        assert case.source["en"].isascii()
        assert any(not math.isnan(case.per_village(name)) for name in FEATURES)
        assert math.isnan(case.money_cny) == (not case.money_kind)


def test_own_words_and_gaps(tmp_path: Path) -> None:
    """Chinese headings, thousands with commas; what is not given is not known, never 0."""
    head = "案例编号,项目地点,来源,可信度,用地面积,人口,改造方式\n"
    content = head + 'a1,甲村,某报,S,12.5,"2,400",rebuild\na2,乙村,某报,E,,,\n'
    first, second = read_cases(written(tmp_path, content))
    assert (first.area_ha, first.residents, first.mode, first.n_villages) == (12.5, 2400.0, "rebuild", 1.0)
    assert math.isnan(second.area_ha)
    assert first.name == {"zh": "甲村", "en": "甲村"}
    assert first.is_own


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + "a,甲,报,S,abc,1,\nb,乙,报,S,-4,1,\n", r"area_ha.*#1 \(a: abc\), #2 \(b: -4\)"),
        (HEAD + "a,甲,报,S,1,1,demolish\n", "mode.*rehabilitate, mixed, rebuild"),
        (HEAD + "a,甲,报,Q,1,1,\n", "confidence.*S, C, M, E"),
        (HEAD + "a,甲,,S,1,1,\n", "source.*not be empty"),
        (HEAD + "a,甲,报,S,1,1,\na,乙,报,S,1,1,\n", "id of its own"),
        (HEAD + "a,甲,报,S,1e400,1,\n", "area_ha"),
        (HEAD + "a,甲,报,S,nan,1,\n", "area_ha"),
        (HEAD, "no rows"),
        ("case_id,name,source\na,b,c\n", "confidence is missing"),
        ("case_id,name,source,confidence,price\na,b,c,S,1\n", "price"),
        ("case_id,name,名称,source,confidence\na,b,b,c,S\n", "名称"),
        ("case_id,name,项目地点,source,confidence\na,b,b,c,S\n", "twice"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_cases(written(tmp_path, content))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_cases(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"must end in \.csv"):
        read_cases(written(tmp_path, HEAD, "cases.xls"))
