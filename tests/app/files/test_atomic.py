"""Files and folders appear whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.files.atomic import check_new_folder, new_file, new_folder, replaced, write_json
from data.errors import InputError


def test_a_folder_appears_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with new_folder(out) as draft:
        (draft / "x").write_text("1")
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["x"]
    assert [path.name for path in out.parent.iterdir()] == ["b"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    with new_folder(out) as draft:
        (draft / "x").write_text("1")
    assert (out / "x").read_text() == "1"


def test_a_folder_called_as_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.xlsx names a file; give a folder, as in .*template$"):
        check_new_folder(tmp_path / "template.xlsx")
    check_new_folder(tmp_path / "v1.2")
    (tmp_path / "old.csv").mkdir()
    check_new_folder(tmp_path / "old.csv")


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_failure(error: BaseException, tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "a" / "b") as draft:
            (draft / "x").write_text("1")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "out"):
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        fail()


@pytest.mark.parametrize(
    ("content", "words"),
    [({"notes.txt": ""}, "not empty"), ({"run.json": '{"status": "interrupted"}'}, "holds a run (interrupted)")],
)
def test_occupied_folders_are_refused(content: dict[str, str], words: str, tmp_path: Path) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        check_new_folder(tmp_path)
    assert words in str(caught.value)


def test_the_folder_one_stands_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="folder that the command runs in"):
        check_new_folder(Path("."))  # noqa: PTH201 - what --out "" and --out . give


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match="is a file"):
        check_new_folder(tmp_path / "f")
    with pytest.raises(InputError):
        check_new_folder(tmp_path / "f" / "below")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="nothing can be written"):
        check_new_folder(tmp_path / "out")
    tmp_path.chmod(0o700)


def test_a_file_replaces_the_old_one_or_leaves_it(tmp_path: Path) -> None:
    out = tmp_path / "f.txt"
    out.write_text("old")

    def fail() -> None:
        with new_file(out) as draft:
            draft.write_text("half")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        fail()
    assert out.read_text() == "old"
    with new_file(out) as draft:
        draft.write_text("new")
    assert out.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["f.txt"]
    with pytest.raises(InputError), new_file(tmp_path):
        pass


def test_json_has_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    write_json(tmp_path / "x.json", {"名": None})
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"名": None}


def test_a_full_disk_keeps_the_old_file_and_leaves_no_partial(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old")

    def fill() -> None:
        with replaced(path) as partial:
            partial.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        fill()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"run.json": "old"}
