"""The examples of docs/environment.md run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "environment.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


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
