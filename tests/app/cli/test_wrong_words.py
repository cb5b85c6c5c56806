"""Wrong files and options of a newcomer: told wholly in Chinese, with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.main import main
from app.runs.run_folder import read_front
from data.errors import InputError

CHECK = ["--lang", "zh", "check", "--city", "tiny", "--scenario", "tiny", "--plan"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"village_id;start_year;intensity\n",
            "表头：字段：没有“village_id;start_year;intensity”；方案表的字段为 village_id、",
        ),
        ("树\n".encode("gbk"), "请另存为 UTF-8"),
        ("村\n".encode("gbk"), "没有任何数据行"),
    ],
)
def test_plans_of_other_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str) -> None:
    (tmp_path / "plan.csv").write_bytes(content)
    assert main([*CHECK, str(tmp_path / "plan.csv")]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name: [a\n  b: c", "第 2 行：无法作为 YAML 读取：引号或括号没有配对"),
        ("name: a\nrules:\n\tconsent: hard\n", "第 3 行：无法作为 YAML 读取：缩进只能用空格"),
        ("name: a: b\n", "此处不能有“名称: 值”"),
        ("name: 'a\n", "引号或括号没有配对"),
        ("name: a\nplan_years\n", "有一行不是“名称: 值”的形式"),
        ("name: @a\n", "此处语法有误"),
    ],
)
def test_broken_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str) -> None:
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
    assert main(["scenario", "validate", str(tmp_path / "own.yaml"), "--lang", "zh"]) == 2
    assert said in capsys.readouterr().err


def test_a_spoiled_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run.json").write_text('{"status": ', encoding="utf-8")
    assert main(["sensitivity", "--run", str(tmp_path), "--plan", "p001", "--lang", "zh"]) == 2
    assert "不是运行记录（第 1 行第 12 列不是有效的 JSON）" in capsys.readouterr().err


def test_a_front_of_other_columns(tmp_path: Path) -> None:
    (tmp_path / "front.csv").write_text("plan_id,n_violations\n", encoding="utf-8")
    with pytest.raises(InputError, match="column valid is missing"):
        read_front(tmp_path / "front.csv", [])


def test_no_objectives_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert main(["optimize", "--city", "tiny", "--scenario", "tiny", "--objectives", "", "--out", str(out)]) == 2
    assert not out.exists()
