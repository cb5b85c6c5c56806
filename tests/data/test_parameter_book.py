"""The parameter book: complete, labeled, refusing what cannot be."""

from __future__ import annotations

import csv
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

import data
from data.city import CATEGORIES, LAND_CATEGORIES
from data.errors import InputError
from data.parameter import letter_texts
from data.parameter_book import RETIRED, Book, load_book, read_book
from data.scenario import LandUse

ROOT = Path(__file__).resolve().parents[2]
BEIJING_FACTS = ROOT / "data" / "build" / "beijing_facts.yaml"
ENTRY = {
    "value": 0.2,
    "low": 0.1,
    "high": 0.3,
    "unit": "share",
    "year": 2023,
    "label": {"en": "A share", "zh": "比例"},
    "source": "estimate",
    "confidence": "E",
}


AWAITED = frozenset(["activity.trips_per_day"])
"""Keys that equations to come will need. No equation reads them yet, so the book does not list them."""


LOOKED_UP = {
    "sale.normal_share_of_stock": "E",
    "finance.cap_rate_rental": "C",
    "age.other": "E",
    "household.size": "E",
}
"""Needed from memory; letters that they have since, in the book, where a source was found."""


@pytest.fixture(scope="module")
def needed() -> list[dict[str, str]]:
    path = ROOT / ".." / "shared" / "facts" / "needed.csv"
    if not path.exists():
        pytest.skip("the shared facts are not beside this checkout")
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def _written(folder: Path, entries: object, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    return path


def test_package_is_the_checkouts() -> None:
    assert Path(data.__file__).resolve().parent == ROOT / "data"


def test_every_needed_key_has_its_value(needed: list[dict[str, str]]) -> None:
    book = load_book()
    assert not AWAITED & {key for key, _ in book.items()}
    for row in needed:
        if row["key"] in AWAITED:
            continue
        entry = book[row["key"]]
        numbers = [float(part) for part in row["value"].split("|")]
        value = entry.value
        found = (
            list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else [value]
        )
        assert found == pytest.approx(numbers, rel=1e-12), row["key"]
        assert entry.confidence == LOOKED_UP.get(row["key"], row["confidence"]), row["key"]
        assert (entry.low, entry.high) == tuple(float(row[b]) if row[b] else None for b in ("low", "high")), row["key"]


@pytest.mark.parametrize("book", [load_book(), read_book([BEIJING_FACTS])], ids=["model", "beijing"])
def test_every_entry_has_unit_source_and_two_labels(book: Book) -> None:
    for row in book.rows():
        assert row["unit"], row["key"]
        assert row["source"], row["key"]
        assert row["value"], row["key"]
        assert row["confidence"] in "SCME"
        assert row["estimate"] == (row["confidence"] == "E")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in row["label_zh"]), row["key"]
        assert row["label_en"].isascii(), row["key"]
        assert not row["changed"]
    assert book.outside_range() == ()


def test_the_model_finds_every_category_and_land_use() -> None:
    book = load_book()
    for category in CATEGORIES:
        assert book.number(f"std.{category}") > 0.0
        assert book.number(f"access.scale.{category}") > 0.0
        assert ("land" in book[f"std.{category}"].unit) == (category in LAND_CATEGORIES)
        assert category in LAND_CATEGORIES or book.number(f"cost.facility.{category}") > 0.0
    for land_use in LandUse:
        if land_use is not LandUse.PUBLIC_SERVICE:
            assert sum(book.table(f"mix.{land_use}").values()) == pytest.approx(1.0)
    assert sum(book.series("sale.absorption")) == pytest.approx(1.0)
    assert sum(entry.value for key, entry in book.items() if key.startswith("mode.")) == pytest.approx(1.0)


def test_real_loan_rate_is_fishers() -> None:
    """3.0 % and 4.2 % nominal at 1.2 % inflation, half of the debt each."""
    book = load_book()
    real = [(1.0 + book.number(key)) / 1.012 - 1.0 for key in ("finance.special_loan_rate", "finance.dev_loan_rate")]
    entry = book["finance.loan_rate_real"]
    assert (entry.low, entry.value, entry.high) == pytest.approx((real[0], sum(real) / 2.0, real[1]), abs=5e-5)


def test_beijing_facts_are_persons_not_ten_thousands() -> None:
    facts = read_book([BEIJING_FACTS])
    assert facts.number("jobs2023.朝阳区") == 2_604_000
    assert facts.number("hukou2010.东城区") == 956_000
    districts = [key for key in facts if key.startswith("pop2020.") and key != "pop2020.city"]
    assert len(districts) == 16
    assert sum(facts.number(key) for key in districts) == facts.number("pop2020.city")
    assert "中关村" in facts.names("employment_centres")
    assert not set(facts) & set(load_book())


def test_override_changes_a_copy_and_says_so() -> None:
    book = load_book()
    other = book.override(
        {"finance.discount_rate": 0.2, "sale.absorption": [0.5, 0.5, 0], "rent.opex": np.float32(0.5)}
    )
    assert other.number("finance.discount_rate") == 0.2
    assert other.series("sale.absorption") == (0.5, 0.5, 0.0)
    assert book.number("finance.discount_rate") == 0.05
    assert other.changed == {"finance.discount_rate", "sale.absorption", "rent.opex"}
    assert set(other.outside_range()) == {"rent.opex", "finance.discount_rate"}
    assert other.digest != book.digest
    assert other.override(
        {"finance.discount_rate": 0.05, "sale.absorption": [0.4, 0.35, 0.25], "rent.opex": 0.25}
    ).digest == (book.digest)
    assert book.override(other.changes()).digest == other.digest


def test_what_residents_alone_read_moves_no_outcome() -> None:
    """Anchors, runs and policies stay those of the same evaluator; a draw knows that it is another."""
    book = load_book()
    other = book.override({"stay.long_share_owner": 0.8})
    assert other.digest == book.digest
    assert other.residents_digest != book.residents_digest
    assert book.override({"rent.opex": 0.3}).residents_digest == book.residents_digest


def test_a_second_name_is_the_same_fact() -> None:
    book = load_book()
    by_name = book.override({"rule.rental_share_min": 0.3})
    assert by_name.number("policy.affordable_share") == 0.3
    assert by_name.changes() == {"policy.affordable_share": 0.3}
    assert book.override({"std.education_building": 1200}).number("std.education") == 1200
    with pytest.raises(InputError, match="one fact"):
        book.override({"std.education_building": 1200, "std.education": 1040})


def test_a_follower_moves_along_until_it_is_given_apart() -> None:
    book = load_book()
    along = book.override({"price.growth": 0.01})
    assert along.number("cost.growth") == 0.01
    assert along.changed == {"price.growth", "cost.growth"}
    assert along.changes() == {"price.growth": 0.01}
    apart = book.override({"price.growth": 0.01, "cost.growth": 0.0})
    assert apart.number("cost.growth") == 0.0
    assert apart.changes() == {"price.growth": 0.01, "cost.growth": 0.0}
    assert apart.override({"price.growth": 0.02}).number("cost.growth") == 0.0
    assert book.override({"cost.growth": 0.01}).number("price.growth") == 0.0
    for other in (along, apart):
        assert book.override(other.changes()).digest == other.digest


def test_a_table_keeps_its_order_of_names() -> None:
    other = load_book().override({"consent.weights": {"elderly": 0.2, "long_stay": 0.2, "owner": 0.6}})
    assert list(other.table("consent.weights")) == ["owner", "long_stay", "elderly"]


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("finance.discount_rat", 0.05, "did you mean 'finance.discount_rate'"),
        ("finance.discount_rate", float("nan"), "finite"),
        ("finance.discount_rate", 10**400, "finite"),
        ("finance.discount_rate", "5 %", "a number"),
        ("finance.discount_rate", True, "a number"),
        ("finance.discount_rate", None, "a number"),
        ("finance.discount_rate", [0.05], "a list of 1 numbers"),
        ("finance.discount_rate", -0.01, "at least 0"),
        ("finance.cap_rate", 0, "above 0"),
        ("finance.operation_years", 2.5, "whole"),
        ("finance.operation_years", 1e6, "at most 100"),
        ("rent.opex", 1.2, "share"),
        ("travel.detour", 0.9, "at least 1"),
        ("sale.absorption", [0.5, 0.5], "3 numbers"),
        ("sale.absorption", [0.5, 0.5, 0.5], "add up"),
        ("sale.absorption", [], "a number"),
        ("mix.employment", {"commodity": 0.5, "rental": 0.6, "employment": 0.5}, "add up"),
        ("mix.employment", {"commodity": 0.5, "rental": 0.5}, "table"),
        ("mix.employment", 1.0, "table"),
    ],
)
def test_wrong_overrides_are_refused(key: str, value: object, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        load_book().override({key: value})


@given(
    key=st.sampled_from(sorted(load_book())),
    value=st.one_of(
        st.floats(), st.integers(), st.text(), st.none(), st.lists(st.floats()), st.dictionaries(st.text(), st.floats())
    ),
)
@example(key="policy.rental_subsidy", value=-0.0)
def test_an_override_is_taken_or_refused(key: str, value: object) -> None:
    try:
        other = load_book().override({key: value})
    except InputError:
        return
    assert load_book().override(other.changes()).digest == other.digest


def _keys_read() -> set[str]:
    """Facts that a source file of the program names, alone or as one of a family (f"std.{category}")."""
    files = [path for top in ("app", "data", "envs", "optimizers", "agents") for path in (ROOT / top).rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    named = {key for text in texts.values() for key in re.findall(r'"([a-z_]+\.[a-z0-9_.]+)"', text)}
    families = {
        re.escape(family)
        for path, text in texts.items()
        if "build" not in path.parts  # its keys are facts of Beijing
        for family in re.findall(r'f"([a-z_]+\.[a-z_.]*)\{', text)
    }
    member = re.compile(f"({'|'.join(families)})[a-z_]+")
    book = load_book()
    return {entry.same_as or key for key, entry in book.items() if key in named or member.fullmatch(key)}


def test_what_no_equation_reads_says_so() -> None:
    book, read = load_book(), _keys_read() - RETIRED
    said = {key for key in book.facts if book[key].is_read}
    assert sorted(said - read) == [], "add `read: false` to its entry"
    assert sorted(read - said) == [], "an equation reads it: take `read: false` away"


def test_a_retired_key_changes_nothing() -> None:
    book = load_book()
    assert not RETIRED & set(book)
    assert book.override({"speed.walk": 5.0, "rent.opex": 0.3}).digest == book.override({"rent.opex": 0.3}).digest
    with pytest.raises(InputError, match="speed"):
        book.override({"speed.wlak": 5.0})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_letters_are_counted_in_both_languages(language: str) -> None:
    book = load_book()
    counts = book.letter_counts()
    assert list(counts) == ["S", "C", "M", "E"]
    assert sum(counts.values()) == len(book.facts)
    assert counts["E"] == len(book.estimates)
    for (letter, n), line in zip(counts.items(), letter_texts(counts, language), strict=True):
        assert line.startswith(f"{letter} = ")
        assert re.findall(r"\d+", line) == [str(n)]


def test_asking_for_another_shape_raises() -> None:
    book = load_book()
    for ask, key in [(book.number, "sale.absorption"), (book.table, "rent.opex"), (book.series, "mix.employment")]:
        with pytest.raises(TypeError, match=key):
            ask(key)
    with pytest.raises(TypeError, match="names"):
        book.names("sale.absorption")
    with pytest.raises(KeyError, match=r"rent\.opex"):
        book.number("rent.opx")
    assert "rent.opx" not in book


def test_a_book_travels_to_another_process() -> None:
    book = load_book().override({"rent.opex": 0.3})
    copy = pickle.loads(pickle.dumps(book))
    assert copy.digest == book.digest
    assert copy.changed == book.changed


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"value": 0.5}, "outside"),
        ({"value": "much"}, "a number"),
        ({"low": 0.4}, "above high"),
        ({"low": "few"}, "a number"),
        ({"year": "2023"}, "year"),
        ({"unit": ""}, "unit"),
        ({"label": {"en": "A share"}}, "en and zh"),
        ({"label": {"en": "A share", "zh": " "}}, "zh"),
        ({"confidence": "X"}, "S, C, M, E"),
        ({"sorce": "estimate"}, "did you mean 'source'"),
        ({"above": "zero"}, "a number"),
        ({"whole": 1}, "whole"),
        ({"read": "no"}, "read"),
        ({"read_by": "nobody"}, "residents"),
        ({"whole": True}, "whole number"),
    ],
)
def test_a_malformed_entry_is_refused_by_file_and_key(tmp_path: Path, change: dict[str, object], rule: str) -> None:
    path = _written(tmp_path, {"a.b": ENTRY | change})
    with pytest.raises(InputError, match=rule) as refused:
        read_book([path])
    assert str(path) in str(refused.value)
    assert "a.b" in str(refused.value)


def test_missing_fields_wrong_names_and_repeated_keys_are_refused(tmp_path: Path) -> None:
    lacking = {name: value for name, value in ENTRY.items() if name != "source"}
    label = {"en": "Another name", "zh": "别名"}
    for entries, rule in [
        ({"a.b": lacking}, "lacks source"),
        ({"a.b": 3}, "mapping"),
        ({"a.b": ENTRY, "a.c": {"same_as": "a.bb", "label": label}}, "did you mean 'a.b'"),
        ({"a.b": ENTRY, "a.c": {"same_as": ["a.b"], "label": label}}, "not known"),
        ({"a.b": ENTRY, "a.c": {"same_as": "a.b", "label": label, "value": 1}}, "unknown field"),
    ]:
        with pytest.raises(InputError, match=rule):
            read_book([_written(tmp_path, entries)])
    first, second = _written(tmp_path, {"a.b": ENTRY}), _written(tmp_path, {"a.b": ENTRY}, "b.yaml")
    assert read_book([first]).number("a.b") == 0.2
    with pytest.raises(InputError, match="twice"):
        read_book([first, second])
