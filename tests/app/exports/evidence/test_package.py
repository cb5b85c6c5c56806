"""An evidence package checked by the standard library alone: what it lists, what it links to, what it asks for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.cli.main import main
from app.compliance.exception_files import exceptions_of_run, write_exceptions
from app.compliance.exceptions import GrantedException
from app.exports.evidence.self_check import TOLERANCE, relative_difference
from app.exports.formats import SUFFIXES, export_plan
from app.runs.run_folder import Run, load_run
from data.errors import InputError

NESTED = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page refers to, and whether its tags are closed."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.words = ""
        self.language = ""
        self._open: list[str] = []
        self.feed(content)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [str(given["href"])] if "href" in given else []
        self.sources += [str(given["src"])] if "src" in given else []
        self.ids += [str(given["id"])] if "id" in given else []
        self.language = str(given["lang"]) if tag == "html" else self.language
        assert not any(name.startswith("on") for name in given)
        if tag not in NESTED:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def kept_run(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    """The short run with an exception beside its plan that breaks most, and an explanation beside the run."""
    folder = Path(shutil.copytree(run.folder, tmp_path_factory.mktemp("kept") / "first"))
    again = load_run(folder)
    plan_id = str(again.front["plan_id"].iloc[int(again.front["n_reported_broken"].argmax())])
    granted = GrantedException("demolished_share", (), "=1+1 <script>alert(1)</script>", "张三", "分管副区长")
    write_exceptions(exceptions_of_run(folder, plan_id), [granted])
    options = ["--run", str(folder), "--plan", plan_id, "--chapters", "attribution"]
    assert main(["explain", *options, "--out", str(folder.parent / "why")]) == 0
    return again, plan_id


@pytest.fixture(scope="module")
def archive_path(kept_run: tuple[Run, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    again, plan_id = kept_run
    path = tmp_path_factory.mktemp("package") / "evidence.zip"
    export_plan(again, plan_id, path)
    return path


@pytest.fixture(scope="module")
def package(archive_path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive_path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_manifest_lists_every_file_with_its_digest(package: dict[str, bytes]) -> None:
    listed = {item["path"]: item for item in json.loads(package["manifest.json"])["files"]}
    assert set(listed) == set(package) - {"manifest.json", "SHA256SUMS"}
    for path, item in listed.items():
        assert item["bytes"] == len(package[path])
        assert item["sha256"] == hashlib.sha256(package[path]).hexdigest()


def test_the_sums_hold_and_a_changed_file_is_found(package: dict[str, bytes], tmp_path: Path) -> None:
    lines = package["SHA256SUMS"].decode().splitlines()
    assert {line[66:] for line in lines} == set(package) - {"SHA256SUMS"}
    assert all(line[:64] == hashlib.sha256(package[line[66:]]).hexdigest() for line in lines)
    for name, content in package.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    recipe = ["sha256sum", "-c", "SHA256SUMS"]
    assert subprocess.run(recipe, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    path = tmp_path / "outcomes" / "indicators.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    found = subprocess.run(recipe, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode != 0
    assert [line for line in found.stdout.splitlines() if not line.endswith("OK")] == [
        "outcomes/indicators.csv: FAILED"
    ]


@pytest.mark.parametrize(("name", "language"), [("index.html", "zh-CN"), ("index-en.html", "en")])
def test_a_page_leads_into_the_package_and_asks_for_nothing_outside(
    package: dict[str, bytes], name: str, language: str
) -> None:
    content = package[name].decode("utf-8")
    page = Page(content)
    assert page.language == language
    assert len(page.links) > 20
    for link in page.links:
        assert link in package or (link.startswith("#") and link[1:] in page.ids), link
    assert set(package) - set(page.links) == {name}
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert len(page.sources) >= 2
    assert "script" not in page.tags
    assert not {"iframe", "object", "embed", "link", "form", "base"} & set(page.tags)
    assert "default-src 'none'" in content
    assert "http:" not in content
    assert "https:" not in content
    assert "<script>alert(1)</script>" in page.words


def test_the_pages_say_the_same_in_both_languages(package: dict[str, bytes], kept_run: tuple[Run, str]) -> None:
    zh, en = (Page(package[name].decode()) for name in ("index.html", "index-en.html"))
    assert "证据包" in zh.words
    assert "Evidence package" in en.words
    assert "第一条第（一）项" in zh.words
    assert [tag for tag in zh.tags if tag in ("table", "tr", "img")] == [
        tag for tag in en.tags if tag in ("table", "tr", "img")
    ]
    for digest in kept_run[0].record.digests.model_dump().values():
        assert digest in zh.words
        assert digest in en.words


def test_numbers_in_the_package_are_those_of_the_run(package: dict[str, bytes], kept_run: tuple[Run, str]) -> None:
    again, plan_id = kept_run
    stored = again.front.set_index("plan_id").loc[plan_id]
    rows = _rows(package["outcomes/indicators.csv"])
    told = {row["indicator"]: row["value"] for row in rows}
    for name in again.record.objectives:
        assert float(told[name]) == pytest.approx(float(stored[name]), rel=1e-9)
    flow = sum(float(row["net_cash_flow_cny"]) for row in _rows(package["outcomes/cash_flow.csv"]))
    yearly = sum(float(row["net_cash_flow_cny"] or 0.0) for row in _rows(package["outcomes/yearly.csv"]))
    assert flow == pytest.approx(yearly, rel=1e-9)
    check = json.loads(package["check/self_check.json"])
    assert [item["name"] for item in check["checks"]] == ["indicators", "digests", "plan", "cash_flow", "rules"]
    assert all(item["holds"] for item in check["checks"])
    assert check["checks"][0]["largest_relative_difference"] <= TOLERANCE
    assert json.loads(package["manifest.json"])["plan_digest"] == check["plan_digest"]


def test_exceptions_sources_and_explanation_are_in_it(package: dict[str, bytes]) -> None:
    (granted,) = _rows(package["compliance/exceptions.csv"])
    assert granted["reason"].startswith("'=1+1")
    assert len(granted["plan_digest"]) == len(granted["scenario_digest"]) == 64
    assert granted["standing"] == "stands"
    clauses = {row["rule"]: row for row in _rows(package["compliance/clauses.csv"])}
    assert clauses["demolished_share"]["verdict"] == "excepted"
    record = json.loads(package["compliance/compliance.json"])
    assert [item["rule"] for item in record["exceptions"]] == ["demolished_share"]
    parameters = _rows(package["basis/parameters.csv"])
    assert {row["confidence"] for row in parameters} == {"S", "C", "M", "E"}
    assert {row["changed"] for row in parameters} == {"False"}
    keys = {key for row in _rows(package["basis/sources.csv"]) for key in row["what"].split("; ")}
    assert {row["key"] for row in parameters if not row["same_as"]} <= keys
    assert {"explanation/about.json", "explanation/attribution.csv"} <= set(package)
    assert "plan/exceptions.yaml" in package


def test_every_column_of_every_table_is_explained(package: dict[str, bytes]) -> None:
    told = {(row["file"], row["column"]): row for row in _rows(package["dictionary.csv"])}
    tables = [name for name in package if name.endswith(".csv") and not name.startswith(("dictionary", "explanation"))]
    assert len(tables) > 10
    for name in tables:
        for column in _rows(package[name], header=True):
            row = told[name, column]
            assert row["description"], (name, column)
            assert row["label_zh"], (name, column)


def test_equal_input_gives_equal_bytes(kept_run: tuple[Run, str], archive_path: Path, tmp_path: Path) -> None:
    again, plan_id = kept_run
    export_plan(load_run(again.folder), plan_id, tmp_path / "again.zip", language="zh")
    assert (tmp_path / "again.zip").read_bytes() == archive_path.read_bytes()


def test_a_run_whose_numbers_were_changed_is_not_packed(run_folder: Path, tmp_path: Path) -> None:
    path = run_folder / "front.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    column = rows[0].index("mean_commute_km")
    rows[1][column] = repr(float(rows[1][column]) * (1.0 + 1e-6))
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    with pytest.raises(InputError, match=r"indicators \(mean_commute_km\)"):
        export_plan(load_run(run_folder), rows[1][0], tmp_path / "changed.zip")
    assert list(tmp_path.glob("*.zip")) == []


def test_an_explanation_of_something_else_is_refused(kept_run: tuple[Run, str], tmp_path: Path) -> None:
    again, plan_id = kept_run
    other = next(name for name in again.plan_ids if name != plan_id)
    why = again.folder.parent / "why"
    for folder, part in ((why, "plan_id"), (tmp_path, "renewal explain")):
        with pytest.raises(InputError, match=part):
            export_plan(again, other, tmp_path / "x.zip", explanation=folder)
    with pytest.raises(InputError, match="alone"):
        export_plan(again, plan_id, tmp_path / "x.pdf", explanation=why)
    assert list(tmp_path.iterdir()) == []


def test_the_room_and_the_command_offer_it() -> None:
    assert ".zip" in SUFFIXES


@pytest.mark.parametrize(
    ("stored", "computed", "apart"),
    [
        (1.0, 1.0, 0.0),
        (2.0, 1.0, 0.5),
        (float("nan"), float("nan"), 0.0),
        (float("nan"), 1.0, float("inf")),
        (0.0, 1e-3, 1e-3),
    ],
)
def test_relative_difference_by_hand(stored: float, computed: float, apart: float) -> None:
    assert relative_difference(stored, computed) == apart


def _rows(content: bytes, *, header: bool = False):  # type: ignore[no-untyped-def]
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return list(reader.fieldnames or []) if header else list(reader)


def test_edited_plans_are_packed_too(kept_run: tuple[Run, str], package: dict[str, bytes], tmp_path: Path) -> None:
    """An edit makes another plan: its exception no longer counts, and the package says so."""
    from app.web.documents.plan_edits import edited_run

    again, plan_id = kept_run
    plan = again.plan(plan_id)
    year = plan.start_year.copy()
    first = int((year[0] > 0).argmax())
    year[0, first] = 1 + year[0, first] % again.resolved.scenario.plan_years
    (bound,) = _rows(package["compliance/exceptions.csv"])
    item = GrantedException("demolished_share", (), "x", "a", "b", "", bound["plan_digest"], bound["scenario_digest"])
    run, name = edited_run(again, plan_id, replace(plan, start_year=year))
    export_plan(run, name, tmp_path / "edited.zip", exceptions=(item,))
    with zipfile.ZipFile(tmp_path / "edited.zip") as archive:
        (told,) = _rows(archive.read("compliance/exceptions.csv"))
        assert told["standing"] == "other_plan"
        assert json.loads(archive.read("manifest.json"))["exceptions_counting"] == 0
