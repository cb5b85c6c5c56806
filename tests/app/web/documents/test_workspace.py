"""Two people on one document: the last to write wins, and every reader finds it whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.web.documents.workspace import Workspace


def test_a_document_is_whole_whoever_writes_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    contents = [{"who": who, "content": [who] * 2_000} for who in range(4)]

    def write(who: int) -> bool:
        for _ in range(30):
            workspace.write("draft", "shared", contents[who])
            if workspace.read("draft", "shared") not in contents:
                return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert all(people.map(write, range(4)))
    assert workspace.read("draft", "shared") in contents
    assert [path.name for path in (workspace.room / "draft").iterdir()] == ["shared.json"]


def test_two_sessions_edit_one_draft(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    first = open_page("scenario", lang="en")
    number = next(item for item in first.number_input if "plan_years" in str(item.key))
    number.set_value(number.value + 1).run()
    name = first.query_params["draft"]
    name = name[0] if isinstance(name, list) else name
    second = open_page("scenario", lang="en", draft=name)
    same = next(item for item in second.number_input if item.label == number.label)
    assert same.value == number.value
    same.set_value(same.value + 3).run()
    assert not first.run().exception
    assert not second.exception
    found = workspace.read("draft", name)
    assert found is not None
    assert found["content"]["plan_years"] in (number.value, same.value)
