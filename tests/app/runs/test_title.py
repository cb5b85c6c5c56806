"""Titles of runs: kept beside them, in no digest, told everywhere; a folder that the room named says more."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from app.runs.title import LONGEST_TITLE, checked_title, read_title, run_label, run_title, titled, write_title
from data.errors import InputError

GOLDEN = Path(__file__).with_name("golden") / "search_v1.json"
OF_THE_ROOM = "run-20261130-192000-0a1b2c"


def a_run(folder: Path) -> Path:
    folder.mkdir(parents=True)
    shutil.copy(GOLDEN, folder / "run.json")
    return folder


def test_a_folder_that_people_named_is_called_by_its_name_until_it_gets_a_title(tmp_path: Path) -> None:
    run = a_run(tmp_path / "first")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    assert run_title(run, "en") == run_label(run, "en") == "first"
    write_title(run, "  少搬租户 \n 方案 ")
    assert run_title(run, "en") == "少搬租户 方案"
    assert run_label(run, "zh") == "少搬租户 方案（文件夹 first）"
    write_title(run, "")
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_folder_that_the_room_named_is_called_by_scenario_city_and_time(tmp_path: Path) -> None:
    run = a_run(tmp_path / OF_THE_ROOM)
    time = f"{datetime.fromisoformat('2026-11-29T12:58:21+00:00').astimezone():%Y-%m-%d %H:%M}"
    assert run_title(run, "zh") == f"综合效益均衡发展 · 微型示例城市 · {time}"
    assert OF_THE_ROOM not in run_title(run, "en")
    assert run_label(run, "en") == f"{run_title(run, 'en')} (folder {OF_THE_ROOM})"


def stopped_in(folder: Path) -> None:
    a_run(folder)
    raise KeyboardInterrupt


@pytest.mark.parametrize("text", ["x" * (LONGEST_TITLE + 1), "村" * 100])
def test_a_title_that_is_too_long_is_refused_and_nothing_changes(tmp_path: Path, text: str) -> None:
    run = a_run(tmp_path / "first")
    write_title(run, "kept")
    with pytest.raises(InputError, match=f"at most {LONGEST_TITLE}"):
        write_title(run, text)
    assert read_title(run) == "kept"
    with pytest.raises(InputError), titled(tmp_path / "new", text):
        pytest.fail("nothing may begin")


def test_what_is_no_run_gets_no_title(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        write_title(tmp_path / "empty", "any")
    assert not list((tmp_path / "empty").iterdir())


def test_control_letters_are_no_part_of_a_title() -> None:
    assert checked_title("a\x00b\u202ec\td") == "a b c d"


def test_a_spoiled_title_is_none(tmp_path: Path) -> None:
    run = a_run(tmp_path / "first")
    (run / "title.txt").write_bytes(b"\xff\xfe\x00")
    assert run_title(run, "en") == "first"


def test_a_search_gives_its_run_a_title_even_if_it_is_stopped_but_never_anothers(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), titled(tmp_path / "new", "stopped"):
        stopped_in(tmp_path / "new")
    assert read_title(tmp_path / "new") == "stopped"
    other = a_run(tmp_path / "other")
    with pytest.raises(ValueError, match="in use"), titled(other, "not mine"):
        raise ValueError("in use")
    assert read_title(other) == ""


def test_a_title_given_while_a_search_ran_stays_and_one_given_on_resume_replaces(tmp_path: Path) -> None:
    with titled(tmp_path / "new", "as ordered"):
        write_title(a_run(tmp_path / "new"), "as renamed")
    assert read_title(tmp_path / "new") == "as renamed"
    with titled(tmp_path / "new", "as resumed"):
        pass
    assert read_title(tmp_path / "new") == "as resumed"
