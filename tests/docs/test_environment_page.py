"""The examples of docs/environment.md run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envs.game.observation import GLOBAL_FEATURES, VILLAGE_FEATURES

PAGE = Path(__file__).parents[2] / "docs" / "environment.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_page_tells_every_field_of_a_limit_and_how_many_there_are() -> None:
    text = PAGE.read_text()
    fields = [name for name in GLOBAL_FEATURES if name.endswith(("_slack", "_met")) or name == "quota_left"]
    assert len(fields) == 22
    assert [name for name in fields if f"`{name}`" not in text] == []
    assert f"n_villages x {len(VILLAGE_FEATURES)}, flattened" in text
    assert f"{len(GLOBAL_FEATURES)} + n_objectives" in text


def test_there_are_examples_for_every_library() -> None:
    assert len(EXAMPLES) == 5
    assert all(any(name in e for e in EXAMPLES) for name in ("make_vec", "LinearReward", "MaskablePPO", "torch"))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    source = EXAMPLES[number]
    for library in ("mo_gymnasium", "sb3_contrib", "torch"):
        if library in source:
            pytest.importorskip(library, reason="in the extra `train`")
    exec(compile(source, f"{PAGE.name}, example {number + 1}", "exec"), {})
    if "print(" in source:
        assert capsys.readouterr().out
