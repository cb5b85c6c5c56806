"""Files of exceptions: read strictly, all that is wrong at once, and the same again after they were written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.compliance.exception_files import (
    MOST_EXCEPTIONS,
    exceptions_of_file,
    exceptions_of_run,
    kept_exceptions,
    read_exceptions,
    write_exceptions,
)
from app.compliance.exceptions import GrantedException
from app.compliance.matrix import compliance
from app.compliance.words import compliance_text
from compliance_fixtures import breaking_plan, resolved_tiny
from data.errors import InputError

HEAD = "规则,涉及村,理由,姓名,角色,日期\n"


def read(tmp_path: Path, text: str, name: str = "例外.csv", encoding: str = "utf-8") -> tuple[GrantedException, ...]:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_exceptions(path, resolved_tiny())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_table_in_a_planners_words(tmp_path: Path, encoding: str) -> None:
    rows = (
        '各区合法建筑拆除比例,,"=历史遗留，已研究",张三,分管副区长,2026-11-01\nfar_limit,V1；V4,轨道站点,李四,规划科,\n'
    )
    first, second = read(tmp_path, HEAD + rows, encoding=encoding)
    assert first == GrantedException(
        "demolished_share", (), "=历史遗留，已研究", "张三", "分管副区长", granted="2026-11-01"
    )
    assert (second.rule, second.villages) == ("far_limit", ("V1", "V4"))


def test_an_english_table_and_yaml_say_the_same(tmp_path: Path) -> None:
    table = read(tmp_path, "Rule,Village ids,Reason,Granted by,Role\nfar_limit,V1; V4,station,Li Si,office\n")
    yaml = "exceptions:\n  - {rule: far_limit, villages: [V1, V4], reason: station, name: Li Si, role: office}\n"
    assert table == read(tmp_path, yaml, "exceptions.yaml")


def test_everything_wrong_is_told_at_once_with_its_row(tmp_path: Path) -> None:
    rows = "far_limit,V1,x,,科长,\nfar_limits,,x,a,b,\nfar_limit,V99,x,a,b,\ndemolished_share,V1,x,a,b,\n"
    rows += "far_limit,V1,x,a,b,2026-13-01\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, HEAD + rows)
    lines = caught.value.text("en").splitlines()
    assert len(lines) == 5
    for k, (said, part) in enumerate(
        zip(lines, ["name", "far_limit", "V99", "leave the villages empty", "2026-01-31"], strict=True), start=1
    ):
        assert f"exception {k}" in said
        assert part in said
    assert "例外 3" in caught.value.text("zh")


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("e.csv", "规则,理由,姓名,角色,备忘\nfar_limit,x,a,b,c\n", "备忘"),
        ("e.csv", "规则,理由,姓名\nfar_limit,x,a\n", "role"),
        ("e.csv", "规则,条款,理由,姓名,角色\nfar_limit,far_limit,x,a,b\n", "条款"),
        ("e.csv", HEAD, "no exception"),
        ("e.csv", HEAD + "far_limit,,x,a,b,\n" * (MOST_EXCEPTIONS + 1), str(MOST_EXCEPTIONS)),
        ("e.csv", HEAD + f"far_limit,,{'x' * 2000},a,b,\n", "1000"),
        ("e.yaml", "exceptions: far_limit\n", "exceptions"),
        ("e.yaml", "version: 2\nexceptions: []\n", "version"),
        ("e.yaml", "exceptions:\n  - {rule: far_limit, because: x, name: a, role: b}\n", "because"),
        ("e.yaml", "exceptions:\n  - {rule: far_limit, reason: 5, name: a, role: b}\n", "reason"),
        ("e.yaml", "exceptions:\n  - far_limit\n", "list"),
        ("e.yaml", "exceptions:\n  - &a {rule: far_limit}\n", "anchor"),
        (
            "e.yaml",
            f"exceptions:\n  - {{rule: far_limit, reason: x, name: a, role: b, plan_digest: {'g' * 64}}}\n",
            "64",
        ),
        ("e.txt", "x", ".csv"),
        ("e.csv", "\x00", "NUL"),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, name: str, content: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content, name)
    assert part in caught.value.text("en")
    assert name in caught.value.text("zh")


def test_one_of_another_scenario_may_name_what_this_one_does_not_have(tmp_path: Path) -> None:
    """A target that is gone, a village of another city: it is listed and counts for nothing."""
    entry = "{rule: target x at_least, villages: [Z9], reason: x, name: a, role: b, scenario_digest: DIGEST}"
    (item,) = read(tmp_path, f"exceptions:\n  - {entry}\n".replace("DIGEST", "c" * 64), "e.yaml")
    assert (item.rule, item.villages) == ("target x at_least", ("Z9",))
    found = compliance(resolved_tiny(), breaking_plan(), [item])
    assert [standing for _, standing in found.exceptions] == ["other_scenario"]
    assert "target x at_least" in compliance_text(found, "en")
    with pytest.raises(InputError, match="target x at_least"):
        read(tmp_path, f"exceptions:\n  - {entry}\n".replace("DIGEST", resolved_tiny().digest), "e.yaml")


def test_where_exceptions_lie(tmp_path: Path) -> None:
    assert exceptions_of_run(tmp_path, "p001") == exceptions_of_run(tmp_path, "p001-edited")
    assert exceptions_of_run(tmp_path, "p001") == tmp_path / "exceptions" / "p001.yaml"
    assert exceptions_of_file(Path("a/plan.csv")) == Path("a/plan.exceptions.yaml")
    assert kept_exceptions(exceptions_of_file(tmp_path / "plan.csv"), resolved_tiny()) == ()


words = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=4))
def test_what_was_written_is_read_again(tmp_path: Path, entries: list[tuple[str, str, str]]) -> None:
    granted = tuple(
        GrantedException("far_limit", ("V1",), *entry, "2026-01-31", "a" * 64, "b" * 64)
        for entry in entries
        if all(entry) and not any(word.startswith("'") for word in entry)
    )
    path = tmp_path / "run" / "exceptions" / "p001.yaml"
    path.parent.parent.mkdir(exist_ok=True)
    write_exceptions(path, granted)
    assert kept_exceptions(path, resolved_tiny()) == granted
    assert path.exists() == bool(granted)
