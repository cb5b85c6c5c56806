"""Reports on compliance open, in both languages: workbook, PDF, Word, table and JSON hold what the checker says."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pypdf
import pytest

from app.cli.main import main
from app.compliance.exceptions import GrantedException
from app.compliance.matrix import Compliance, compliance
from app.exports.compliance_files import COMPLIANCE_SUFFIXES, write_compliance
from app.plans.tables import plan_tables
from app.runs.run_folder import Run, load_run
from compliance_fixtures import HARD, OFFENDERS, breaking_plan, resolved_tiny
from data.dictionary import table_columns
from data.errors import InputError
from envs.rules.check import RULES

GRANT = GrantedException(HARD, OFFENDERS, '=HYPERLINK("x") 站点周边', "李四", "规划科")


@pytest.fixture(scope="module")
def found() -> Compliance:
    return compliance(resolved_tiny(), breaking_plan(), (GRANT,))


def written(found: Compliance, tmp_path: Path, suffix: str, language: str) -> bytes:
    path = tmp_path / f"check{suffix}"
    write_compliance(path, found, plan_tables(resolved_tiny(), breaking_plan()), "手工方案", language=language)
    return path.read_bytes()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_workbook_opens_in_the_readers_language(found: Compliance, tmp_path: Path, language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(found, tmp_path, ".xlsx", language)))
    names = (
        ["汇总", "逐条核查", "涉及村", "例外"] if language == "zh" else ["summary", "clauses", "villages", "exceptions"]
    )
    assert book.sheetnames == names
    clauses = list(book[names[1]].iter_rows(values_only=True))
    if language == "zh":
        headings = [str(cell) for sheet in book for cell in next(sheet.iter_rows(values_only=True))]
        assert all(re.search(r"[一-鿿]", heading) for heading in headings)
        assert "不符合（已列例外）" in {row[4] for row in clauses[2:]}
    assert {row[0] for row in clauses[2:]} == set(RULES)
    named = list(clauses[1])
    assert set(named) <= set(table_columns("compliance", "clauses"))
    for row in clauses[2:]:
        line = next(item for item in found.lines if item.rule.name == row[0])
        for column in ("measured", "limit"):
            value = None if line.finding is None else getattr(line.finding, column)
            assert row[named.index(column)] == (value if value is None else pytest.approx(value, rel=1e-12))
    reasons = [cell for row in book[names[3]].iter_rows() for cell in row if str(cell.value).startswith("=HYPERLINK")]
    assert [(cell.data_type, cell.quotePrefix) for cell in reasons] == [("s", True)]


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["Compliance", "section 1, item"]), ("zh", ["合规核查", "第一条第（一）项"])]
)
def test_the_pdf_and_the_word_file_open(found: Compliance, tmp_path: Path, language: str, words: list[str]) -> None:
    pages = pypdf.PdfReader(io.BytesIO(written(found, tmp_path, ".pdf", language))).pages
    told = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    word = docx.Document(io.BytesIO(written(found, tmp_path, ".docx", language)))
    cells = "".join(cell.text for table in word.tables for cell in table._cells)
    text = "".join(paragraph.text for paragraph in word.paragraphs) + cells
    for part in (*words, "李四", "手工方案"):
        assert part.replace(" ", "") in told
        assert part in text
    assert found.plan_digest in told


def test_the_table_and_the_json_say_the_same(found: Compliance, tmp_path: Path) -> None:
    table = pd.read_csv(io.BytesIO(written(found, tmp_path, ".csv", "en")))
    record = json.loads(written(found, tmp_path, ".json", "en"))
    assert list(table["rule"]) == [item["rule"] for item in record["clauses"]]
    assert list(table["verdict"]) == [item["verdict"] for item in record["clauses"]]
    assert (record["valid"], set(record["broken"])) == (False, set(found.broken_hard))
    assert [item["villages"] for item in record["clauses"] if item["rule"] == HARD] == [list(OFFENDERS)]
    assert record["exceptions"][0]["standing"] == "stands"


def test_other_suffixes_are_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--city", "tiny", "--scenario", "tiny", "--plan", str(tmp_path / "absent.csv")]
    assert main(["check", *options, "--report", str(tmp_path / "x.txt"), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert all(suffix in said for suffix in COMPLIANCE_SUFFIXES)


def test_exceptions_are_kept_beside_the_plan_of_a_run_and_read_again(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Run = load_run(run_folder)
    plan_id = str(run.front["plan_id"].iloc[int(run.front["n_reported_broken"].argmax())])
    path = tmp_path / "例外.csv"
    path.write_text("规则,理由,姓名,角色\ndemolished_share,历史遗留,张三,副区长\n", encoding="utf-8")
    options = ["check", "--run", str(run_folder), "--plan", plan_id, "--lang", "en"]
    assert main([*options, "--exceptions", str(path), "--keep"]) == 0
    assert (run_folder / "exceptions" / f"{plan_id}.yaml").is_file()
    capsys.readouterr()
    assert main(options) == 0
    said = capsys.readouterr().out
    assert f"{plan_id}.yaml" in said
    assert "历史遗留" in said
    assert "EXCEPTED" in said


def test_a_hard_rule_with_an_exception_still_ends_with_three(city_path: Path, plan_path: Path, tmp_path: Path) -> None:
    plan_path.write_text(plan_path.read_text().replace("1.8,0.1", "99,0.1"))
    rules = "rule,reason,name,role\nfar_limit,x,a,b\nfloor_area_ratio,x,a,b\nnew_floor_suffices,x,a,b\n"
    (tmp_path / "e.csv").write_text(rules)
    options = ["check", "--city", str(city_path), "--scenario", "balanced", "--plan", str(plan_path)]
    report = tmp_path / "r.json"
    assert main([*options, "--exceptions", str(tmp_path / "e.csv"), "--report", str(report)]) == 3
    content = json.loads(report.read_text(encoding="utf-8"))
    assert (content["level"], content["valid"]) == ("excepted", False)
    assert not plan_path.with_name("plan.exceptions.yaml").exists()


def test_keep_without_a_file_is_refused(plan_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--city", "tiny", "--scenario", "tiny", "--plan", str(plan_path), "--keep"]) == 2
    assert "--exceptions" in capsys.readouterr().err


def test_an_unwritable_report_leaves_nothing(found: Compliance, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_compliance(
            tmp_path / "nowhere" / "x.json", found, plan_tables(resolved_tiny(), breaking_plan()), "p", language="en"
        )
    assert list(tmp_path.iterdir()) == []
