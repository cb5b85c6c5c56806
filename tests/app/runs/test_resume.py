"""Searches killed, interrupted, canceled and failed; resumed, and refused where they cannot be."""

from __future__ import annotations

import io
import json
import os
import pickle
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.charts import front_chart, maps
from app.cli.main import main
from app.runs import optimize as optimization
from app.runs.checkpoint import read_checkpoint, write_checkpoint
from app.runs.run_folder import load_run
from app.runs.working_folder import RunLock, WorkingFolder
from data.errors import InputError
from data.files.geopackage import write_city
from data.synthesis.city import synthesize_city
from optimizers.search.search_state import SearchState

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-c", "import sys; from app.cli.main import main; sys.exit(main())", "optimize"]
EVALUATIONS = 1_200
OPTIONS = ["--city", "tiny", "--scenario", "tiny", "--seed", "5", "--evaluations", str(EVALUATIONS)]
COMPLETE = {"run.json", "scenario.yaml", "front.csv", "plans.parquet", "progress.csv", "front.png", "map.png"}


def record_of(out: Path) -> dict[str, object]:
    return dict(json.loads((out / "run.json").read_text(encoding="utf-8")))


def begun(out: Path, *options: str) -> subprocess.Popen[str]:
    """A search in a process of its own."""
    return subprocess.Popen(
        [*PROGRAM, *options, "--out", str(out)],
        cwd=REPOSITORY, env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for(out: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the folder has appeared."""
    while not (out / "run.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The uninterrupted search."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert main(["optimize", *OPTIONS, "--out", str(out)]) == 0
    return out


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder as a process leaves it that is killed after some batches."""

    def killed(self: WorkingFolder, state: SearchState) -> None:
        save(self, state)
        if state.record["evaluations"] >= 400:
            raise SystemExit(9)

    save = WorkingFolder.save
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(WorkingFolder, "save", killed)
        patch.setattr(WorkingFolder, "give_up", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            main(["optimize", *OPTIONS, "--checkpoint-seconds", "1e-9", "--out", str(out)])
    return out


def assert_equal_runs(one: Path, other: Path) -> None:
    for name in ("front.csv", "plans.parquet", "scenario.yaml"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    steps = [pd.read_csv(run / "progress.csv").drop(columns="seconds") for run in (one, other)]
    pd.testing.assert_frame_equal(*steps)
    records = [record_of(run) for run in (one, other)]
    for record in records:
        del record["seconds"], record["anchors_seconds"], record["created"]
    assert records[0] == records[1]
    assert {path.name for path in other.iterdir()} == COMPLETE


def kill_and_resume(whole: Path, out: Path, *, random_seed: int) -> None:
    """Kill a search at random moments until it is complete; nothing but the last interval is ever lost."""
    rng = np.random.default_rng(random_seed)
    process = begun(out, *OPTIONS, "--checkpoint-seconds", "0.2")
    wait_for(out, process)
    time.sleep(rng.uniform(0.0, 1.2 * float(str(record_of(whole)["seconds"]))))
    process.kill()
    process.communicate()
    if record_of(out)["status"] != "completed":
        state = read_checkpoint(out / "checkpoint.npz")
        assert record_of(out)["evaluations"] >= state.record["evaluations"]
        assert record_of(out)["status"] == "running"
        with pytest.raises(InputError, match="not complete"):
            load_run(out)
    assert main(["optimize", "--resume", "--out", str(out)]) == 0
    assert_equal_runs(whole, out)


@pytest.mark.parametrize("random_seed", range(3))
def test_a_killed_search_is_resumed(random_seed: int, whole: Path, tmp_path: Path) -> None:
    kill_and_resume(whole, tmp_path / "run", random_seed=random_seed)


@pytest.mark.slow
@pytest.mark.parametrize("random_seed", range(3, 23))
def test_a_killed_search_is_resumed_at_any_moment(random_seed: int, whole: Path, tmp_path: Path) -> None:
    kill_and_resume(whole, tmp_path / "run", random_seed=random_seed)


def test_a_search_killed_while_it_writes_is_resumed(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each of the files of the end: the search is over, the run is not."""
    out = tmp_path / "run"
    for owner, step in ((optimization, "write_front"), (front_chart, "write_front_chart"), (maps, "write_map")):
        with monkeypatch.context() as patch:

            def die(*_: object, **__: object) -> None:
                raise SystemExit(9)

            patch.setattr(owner, step, die)
            patch.setattr(WorkingFolder, "give_up", lambda *_, **__: None)
            more = ["--resume"] if out.exists() else OPTIONS
            with pytest.raises(SystemExit):
                main(["optimize", *more, "--out", str(out)])
        assert record_of(out)["status"] == "running"
    assert main(["optimize", "--resume", "--out", str(out)]) == 0
    assert_equal_runs(whole, out)


def test_ctrl_c_keeps_the_checkpoint(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = begun(out, *OPTIONS)
    wait_for(out, process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert record_of(out)["status"] == "interrupted"
    assert (out / "checkpoint.npz").exists()
    assert not (out / "lock").exists()
    assert main(["optimize", "--resume", "--out", str(out)]) == 0
    assert_equal_runs(whole, out)


def test_a_file_cancels_a_search_and_is_removed(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = begun(out, *OPTIONS[:-2], "--minutes", "5")
    wait_for(out, process)
    time.sleep(0.5)
    (out / "cancel").touch()
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert load_run(out).record.status == "interrupted"
    assert not (out / "cancel").exists()
    assert (out / "checkpoint.npz").exists()
    assert main(["optimize", "--resume", "--evaluations", "1", "--out", str(out)]) == 0  # another budget, spent already
    assert {path.name for path in out.iterdir()} == COMPLETE
    assert whole.exists()


def test_a_second_process_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    process = begun(out, *OPTIONS[:-2], "--minutes", "5")
    wait_for(out, process)
    assert main(["optimize", "--resume", "--out", str(out)]) == 2
    assert f"another process ({process.pid}) is at work" in capsys.readouterr().err
    assert main(["optimize", *OPTIONS, "--out", str(out)]) == 2
    assert "--resume" in capsys.readouterr().err
    process.kill()
    process.communicate()
    RunLock(out).release(out)  # it vanished with the process


def test_a_search_that_fails_says_so_and_is_resumed(
    whole: Path, stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(optimization, "write_front", fail)
        assert main(["optimize", "--resume", "--out", str(stopped)]) == 1
    assert record_of(stopped)["status"] == "failed"
    assert main(["optimize", "--resume", "--out", str(stopped)]) == 0
    assert_equal_runs(whole, stopped)


def test_a_complete_run_has_nothing_left_to_do(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    assert main(["optimize", "--resume", "--out", str(whole)]) == 0
    assert "the run is complete" in capsys.readouterr().out
    assert main(["optimize", "--resume", "--out", str(whole), "--lang", "zh"]) == 0
    assert "该运行已完成" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before
    for options in (["--seed", "6"], ["--algorithm", "local"], ["--objectives", "total_cost_cny"]):
        assert main(["optimize", "--resume", *options, "--out", str(whole)]) == 2
        assert "the run has" in capsys.readouterr().err
    (whole / "checkpoint.npz").touch()  # as left by a process killed right after its last word
    assert main(["optimize", "--resume", "--out", str(whole)]) == 0
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before


def test_a_budget_may_be_extended(stopped: Path) -> None:
    assert main(["optimize", "--resume", "--evaluations", "1500", "--threads", "2", "--out", str(stopped)]) == 0
    record = record_of(stopped)
    assert (record["evaluations_wanted"], record["minutes_wanted"], record["threads"]) == (1_500, None, 2)
    assert int(str(record["evaluations"])) >= 1_500


def test_options_that_contradict_the_run_are_refused(
    stopped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_city(synthesize_city(5, 2), tmp_path / "other.gpkg")
    before = {path.name: path.read_bytes() for path in stopped.iterdir()}
    for options, named in (
        (["--city", str(other)], "city is not that of the run"),
        (["--scenario", "balanced"], "the run has scenario"),
        (["--algorithm", "random"], "the run has algorithm hybrid, but random"),
        (["--seed", "6"], "the run has seed 5, but 6"),
        (["--objectives", "total_cost_cny"], "the run has objectives"),
        (["--seed-plans", str(tmp_path)], "--seed-plans"),
    ):
        assert main(["optimize", "--resume", *options, "--out", str(stopped)]) == 2
        shown = capsys.readouterr().err
        assert named in shown
        assert shown.count("\n") == 1
    assert {path.name: path.read_bytes() for path in stopped.iterdir()} == before
    assert main(["optimize", "--resume", *OPTIONS, "--out", str(stopped)]) == 0  # nothing contradicts


class Malice:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("unpickled",)


def spoiled(path: Path) -> list[bytes]:
    """Checkpoints that are none."""
    good = path.read_bytes()
    pickled, deep, wrong, bare = (io.BytesIO() for _ in range(4))
    np.savez(pickled, record=np.array([Malice()], dtype=object), allow_pickle=True)
    np.savez(deep, record=np.array("[" * 100_000))
    state = read_checkpoint(path)
    arrays = state.arrays | {"archive_F": state.arrays["archive_F"][:, :1]}
    np.savez(wrong, record=np.array(json.dumps(state.record)), **arrays)
    bomb = io.BytesIO()
    np.savez_compressed(bomb, archive_F=np.zeros((5_000, 1_000)), record=np.array(json.dumps(state.record)))
    with zipfile.ZipFile(bare, "w") as archive:
        archive.writestr("record.npy", b"no array")
    contents = [pickled.getvalue(), deep.getvalue(), wrong.getvalue(), bare.getvalue(), pickle.dumps(Malice())]
    contents.append(bomb.getvalue())
    third = len(good) // 3
    flipped = bytes(byte ^ 0xFF for byte in good[third : third + 50])
    cut = [good[: len(good) // 2], good[:-10], good[:third] + flipped + good[third + 50 :]]
    return [b"", b"PK\x03\x04", b"\x93NUMPY", *contents, *cut]


def test_a_spoiled_checkpoint_is_refused_in_one_message(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = stopped / "checkpoint.npz"
    for content in [None, *spoiled(path)]:
        if content is None:
            good = path.read_bytes()
            path.unlink()
        else:
            path.write_bytes(content)
        before = {file.name: file.read_bytes() for file in stopped.iterdir()}
        assert main(["optimize", "--resume", "--out", str(stopped)]) == 2
        shown = capsys.readouterr()
        assert shown.err.startswith("error: ")
        assert shown.err.count("\n") == 1
        assert "unpickled" not in shown.out
        assert {file.name: file.read_bytes() for file in stopped.iterdir()} == before
        path.write_bytes(good)


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"format_version": 1, "command": "evaluate"}'])
def test_a_folder_that_is_no_search_is_refused(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, encoding="utf-8")
    assert main(["optimize", "--resume", "--out", str(tmp_path)]) == 2
    assert "run" in capsys.readouterr().err
    assert main(["optimize", "--resume", "--out", str(tmp_path / "gone")]) == 2
    assert {path.name for path in tmp_path.iterdir()} <= {"run.json"}


def test_a_record_that_was_edited_is_refused(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = record_of(stopped)
    for name, value in {
        "algorithm": "nsga9", "seed": "x", "threads": 0, "evaluations_wanted": -1, "minutes_wanted": "x", "city": None,
    }.items():  # fmt: skip
        (stopped / "run.json").write_text(json.dumps(good | {name: value}), encoding="utf-8")
        assert main(["optimize", "--resume", "--out", str(stopped)]) == 2, name
        assert capsys.readouterr().err.count("\n") == 1


def test_without_resume_city_and_scenario_are_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["optimize", "--city", "tiny", "--out", str(tmp_path / "run")]) == 2
    assert "--scenario: is needed" in capsys.readouterr().err


def test_an_unfinished_run_is_not_read(stopped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["export", "--run", str(stopped), "--plan", "p001", "--to", str(tmp_path / "x.csv")],
        ["compare", str(stopped), str(tmp_path)],
    ):
        assert main(command) == 2
        assert "not complete (status running" in capsys.readouterr().err
    assert main(["optimize", *OPTIONS, "--out", str(stopped)]) == 2
    assert "`--resume` continues it" in capsys.readouterr().err


def test_plans_of_another_run_seed_a_search(
    whole: Path, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [*OPTIONS[:-2], "--evaluations", "200", "--seed-plans"]
    assert main(["optimize", *options, str(whole), "--out", str(tmp_path / "seeded")]) == 0
    assert main(["optimize", *options[:-1], "--out", str(tmp_path / "plain")]) == 0
    first = [pd.read_csv(tmp_path / name / "progress.csv")["hypervolume"][0] for name in ("seeded", "plain")]
    assert first[0] > first[1]
    assert main(["optimize", *options, str(run_folder), "--out", str(tmp_path / "foreign")]) == 2
    assert "city is not that of the run" in capsys.readouterr().err
    assert not (tmp_path / "foreign").exists()


def test_a_checkpoint_gives_back_what_it_was_given(tmp_path: Path) -> None:
    arrays = {
        "small": np.array([[0, 200]]),
        "seen": np.array([-(2**63), 2**63 - 1]),
        "none": np.zeros((0, 4), dtype=np.int64),
        "real": np.array([np.inf, np.nan, 0.1]),
    }
    write_checkpoint(tmp_path / "c.npz", SearchState(arrays, {"名": [0.1, None, 2**100]}))
    back = read_checkpoint(tmp_path / "c.npz")
    assert back.record == {"名": [0.1, None, 2**100]}
    for name, values in arrays.items():
        np.testing.assert_array_equal(back.arrays[name], values)
        assert back.arrays[name].dtype == values.dtype
    assert [path.name for path in tmp_path.iterdir()] == ["c.npz"]


def test_a_complete_run_is_not_of_another_city(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_city(synthesize_city(5, 2), tmp_path / "other.gpkg")
    assert main(["optimize", "--resume", "--city", str(other), "--out", str(whole)]) == 2
    assert "city is not that of the run" in capsys.readouterr().err
