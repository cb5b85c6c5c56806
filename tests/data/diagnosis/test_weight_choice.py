"""A choice of weights: words, files, published weights, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.diagnosis.weight_choice import published_weights, read_weight_choice, weight_choice
from data.errors import InputError


def test_words_and_files(tmp_path: Path) -> None:
    assert read_weight_choice("entropy").method == "entropy"
    path = tmp_path / "weights.yaml"
    path.write_text("method: manual\ndimensions: {housing: 2, travel: 1}\n", encoding="utf-8")
    assert read_weight_choice(str(path)).dimensions == {"housing": 2.0, "travel": 1.0}


def test_fractions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text("method: ahp\ncomparisons: {dimensions: [[1, 1/3], [3, 1]]}\n", encoding="utf-8")
    assert read_weight_choice(str(path)).comparisons["dimensions"] == [[1.0, pytest.approx(1 / 3)], [3.0, 1.0]]


def test_shishan_is_what_is_known_of_it() -> None:
    """Four weights of the first level that sum to 1, both totals, a letter; the second level is not made up."""
    shishan = published_weights()["shishan"]
    assert shishan.first_level == (0.4338, 0.2711, 0.1422, 0.1529)
    assert sum(shishan.first_level) == pytest.approx(1.0)
    assert (shishan.published_total, shishan.total_of_its_table) == (45.78, 44.26)
    assert shishan.confidence == "M"
    assert "not known" in shishan.note["en"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("method: luck\n", "method"),
        ("method: manual\ndimensions: {housing: -1}\n", "dimensions.housing"),
        ("method: ahp\ncomparisons: {dimensions: [[1, 0], [2, 1]]}\n", "comparisons"),
        ("method: ahp\ncomparisons: {dimensions: [[1, 1/0], [2, 1]]}\n", "comparisons"),
        ("methode: equal\n", "methode"),
        ("- equal\n", "mapping"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_weight_choice(str(path))
    assert "weights.yaml" in str(caught.value)


def test_other_words_are_refused() -> None:
    with pytest.raises(InputError, match="neither"):
        read_weight_choice("ahp")
    with pytest.raises(InputError):
        weight_choice({"method": "equal", "accept_inconsistent": "perhaps"})


def test_a_missing_file_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_weight_choice(str(tmp_path / "none.yaml"))
    assert str(caught.value).count("none.yaml") == 1
