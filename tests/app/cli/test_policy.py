"""`renewal train` and `renewal plan`: a policy learns, plans, and writes run folders that other commands read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agents.policy.network import initial
from agents.policy.policy_files import write_policy
from app.cli.main import main
from app.runs.run_folder import load_run

TINY = ["--city", "tiny", "--scenario", "tiny"]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_plan_for_one_preference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "plan", *TINY, "--out", str(tmp_path / "run"), "--lang", "en")
    assert (code, err) == (0, "")
    assert "tiny, tiny: preferences planned for: 1, in " in out
    assert "s (policy); plans on the front: 1" in out
    run = load_run(tmp_path / "run")
    assert run.plan_ids == ("p001",)
    assert run.front["valid"].all()
    assert run.record.command == "plan"
    assert len(run.record.policy) == 64
    assert not list(tmp_path.glob(".*"))


def test_a_front_is_valid_ordered_and_non_dominated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert told(capsys, "plan", *TINY, "--front", "12", "--out", str(out))[0] == 0
    run = load_run(out)
    values = run.front[list(run.resolved.scenario.objectives)].to_numpy() * [1.0, -1.0, 1.0]
    assert (np.diff(values[:, 0]) <= 0.0).all()
    for one in values:
        assert not ((values >= one).all(axis=1) & (values > one).any(axis=1)).any()
    record = run.record
    assert len(record.preferences_planned) == record.evaluations == 12
    assert record.n_plans + record.n_dominated_dropped + record.n_invalid_dropped == 12
    asked = record.preference_of_plan
    assert list(asked) == list(run.plan_ids)
    weights = ",".join(f"{name}={w!r}" for name, w in zip(record.objectives, asked["p002"], strict=True))
    assert main(["plan", *TINY, "--weights", weights, "--out", str(tmp_path / "one")]) == 0
    alone = load_run(tmp_path / "one").front[list(record.objectives)].to_numpy()
    np.testing.assert_allclose(alone[0], run.front[list(record.objectives)].to_numpy()[1], rtol=1e-9)
    progress = pd.read_csv(out / "progress.csv")
    assert progress["front_size"].tolist() == [len(run.plan_ids)]
    assert main(["export", "--run", str(out), "--plan", "p001", "--to", str(tmp_path / "plan.csv")]) == 0
    seeded = ["optimize", *TINY, "--evaluations", "50", "--seed-plans", str(out), "--out", str(tmp_path / "seeded")]
    assert main(seeded) == 0
    code, said, _ = told(capsys, "compare", str(out), str(tmp_path / "seeded"), "--lang", "en")
    assert code == 0
    assert "different anchors" not in said


def test_a_preference_by_name_and_the_greedy_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for no policy, so it plans where the one that ships is of other features."""
    monkeypatch.setattr("agents.policy.policy_files.SHIPPED", tmp_path / "nowhere")
    asked = ["--weights", "net_present_value_cny=1", "--method", "greedy", "--lang", "zh"]
    code, out, _ = told(capsys, "plan", *TINY, *asked, "--out", str(tmp_path / "run"))
    assert code == 0
    assert "greedy" in out
    assert load_run(tmp_path / "run").record.policy is None


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (["--weights", "npv=1"], "npv is not among"),
        (["--weights", "net_present_value_cny"], "must be like NAME=0.5"),
        (["--weights", "net_present_value_cny=-1"], "not negative"),
        (["--weights", "net_present_value_cny=1,net_present_value_cny=2"], "net_present_value_cny is given twice"),
        (["--weights", "net_present_value_cny=1e308,mean_commute_km=1e308"], "finite"),
        (["--weights", ""], "must be like NAME=0.5"),
        (["--weights", "net_present_value_cny=1", "--front", "3"], "give either"),
        (["--method", "gredy"], "did you mean 'greedy'"),
        (["--policy", "nowhere"], "cannot be read"),
        (["--policy", "nowhere", "--method", "greedy"], "leave --policy out"),
        (["--front", "0"], "--front"),
    ],
)
def test_wrong_input_of_plan(more: list[str], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "plan", *TINY, "--out", str(tmp_path / "run"), *more)
    assert code == 2
    assert out == ""
    assert rule in err
    assert list(tmp_path.iterdir()) == []


def test_other_objectives_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text("name: s\nobjectives: [mean_commute_km]\npreferences: {mean_commute_km: 1.0}\n")
    code, _, err = told(capsys, "plan", "--city", "tiny", "--scenario", str(scenario), "--out", str(tmp_path / "run"))
    assert code == 2
    assert "a policy plans for" in err
    assert not (tmp_path / "run").exists()


def test_a_policy_that_knows_nothing_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What gains nothing is not offered, so that no preference gets a plan worth less than renewing nothing."""
    write_policy(tmp_path / "ignorant", initial(3, greed=0.0), {})
    asked, out = ["plan", *TINY, "--weights", "net_present_value_cny=1", "--lang", "en"], tmp_path / "run"
    code, said, _ = told(capsys, *asked, "--policy", str(tmp_path / "ignorant"), "--out", str(out))
    assert code == 0
    assert "greedy" not in said
    assert load_run(out).front["net_present_value_cny"].tolist() >= [0.0]


@pytest.mark.slow
def test_training_resumes_after_a_kill(tmp_path: Path) -> None:
    """Killed at a random moment of its second half; what it had is kept, and it goes on to its budget."""
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    out, config = tmp_path / "policy", tmp_path / "t.yaml"
    config.write_text("ppo: {n_cities: 1, n_episodes: 8, n_steps: 48, batch_size: 96, judge_every: 99}\n")
    options = ["train", "--config", str(config), "--out", str(out), *TINY, "--steps", "3000", "--seed", "2"]
    program = [sys.executable, "-c", "import sys; from app.cli.main import main; sys.exit(main())"]
    process = subprocess.Popen([*program, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 200.0
    while time.monotonic() < deadline and _iterations(out) < 1 and process.poll() is None:
        time.sleep(0.05)
    beside = subprocess.run([*program, *options, "--resume"], capture_output=True, text=True, timeout=100, check=False)
    assert beside.returncode == 2
    assert f"another process ({process.pid}) is at work in this folder" in beside.stderr
    process.kill()
    process.communicate()
    before = _iterations(out)
    assert before >= 1
    done = subprocess.run([*program, *options, "--resume"], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    steps = 384 * _iterations(out)
    assert f"ended by steps after {steps:,} decisions; the policy kept is the" in done.stdout
    assert [row["steps"] for row in _checkpoint(out)["progress"]["rows"]] == [0.0, float(steps)]  # the end is judged
    assert main(["plan", *TINY, "--policy", str(out), "--out", str(tmp_path / "run")]) == 0


def _checkpoint(out: Path) -> dict[str, Any]:
    return json.loads((out / "checkpoint.json").read_text())


def _iterations(out: Path) -> int:
    try:
        return int(_checkpoint(out)["progress"]["iterations"])
    except (OSError, ValueError):
        return -1


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (["--generate", "x"], "must be like 20-60"),
        (["--generate", "4-8", "--city", "tiny"], "give either --city or --generate"),
        (["--minutes", "0"], "above 0"),
        (["--minutes", "nan"], "above 0"),
        (["--learning-rate", "1e30"], "at most 1"),
        (["--seed", "4294967296"], "--seed"),
        (["--out", "/proc/policy", "--city", "tiny", "--scenario", "tiny"], "/proc/policy: --out: "),
        (["--device", "tpu"], "auto, cpu or cuda"),
        (["--engine", "trch"], "must be one of"),
        (["--resume"], "holds no training"),
        (["--city", "tyni"], "no such city"),
    ],
)
def test_wrong_input_of_train(more: list[str], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    code, _, err = told(capsys, "train", "--out", str(tmp_path / "policy"), "--steps", "1", *more)
    assert code == 2
    assert rule in err
    assert not (tmp_path / "policy").exists()


def test_several_seeds_of_a_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    config, out = tmp_path / "t.yaml", tmp_path / "trained"
    config.write_text(
        "cities: [tiny]\nscenario: tiny\nsteps: 1\nseeds: [3, 4]\nnetwork: {width: 8, heads: 2}\n"
        "ppo: {n_cities: 1, n_episodes: 2, n_steps: 8, batch_size: 8, n_epochs: 1, ent_coef: 0.01}\n"
    )
    code, _, err = told(capsys, "train", "--config", str(config), "--out", str(out), "--lang", "en")
    assert code == 0, err
    seeds = pd.read_csv(out / "seeds.csv")
    assert seeds["seed"].tolist() == [3, 4]
    assert seeds["steps"].tolist() == [16, 16]
    assert (out / "training.png").stat().st_size > 10_000
    for seed in (3, 4):
        updates = pd.read_csv(out / f"seed-{seed}" / "updates.csv")
        assert updates["steps"].tolist() == [0.0, 16.0]
        assert updates["entropy"].iloc[1] > 0.0
        record = json.loads((out / f"seed-{seed}" / "policy.json").read_text())
        assert (record["setting"]["ent_coef"], record["setting"]["width"]) == (0.01, 8)
    assert told(capsys, "train", "--config", str(config), "--out", str(out))[0] == 2
    more = ["train", "--config", str(config), "--out", str(out), "--resume", "--steps", "17"]
    assert told(capsys, *more)[0] == 0
    assert pd.read_csv(out / "seeds.csv")["steps"].tolist() == [32, 32]
    config.write_text(config.read_text().replace("ent_coef: 0.01", "ent_coef: 0.02"))
    code, _, err = told(capsys, *more, "--lang", "en")
    assert code == 2
    assert "give that of: renewal train --config t.yaml --city tiny" in err
    assert "what differs: ent_coef" in err


def test_where_nothing_is_gained_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    monkeypatch.setattr("agents.policy.plan_value.Judge.weighted_values", lambda *_: np.zeros(1))
    code, _, err = told(capsys, "train", *TINY, "--steps", "1", "--out", str(tmp_path / "new"), "--lang", "en")
    assert code == 2
    assert "the greedy policy is worth 0" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by_option", [True, False])
def test_a_device_that_is_not_there_is_told_where_it_was_asked_for(
    by_option: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    config = tmp_path / "t.yaml"
    config.write_text("device: cuda\n")
    more = ["--device", "cuda"] if by_option else []
    asked = ["train", "--config", str(config), *more, "--out", str(tmp_path / "new"), "--lang", "en"]
    code, _, err = told(capsys, *asked)
    assert code == 2
    assert ("--device: no CUDA" if by_option else "t.yaml: device: no CUDA") in err


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--seeds", "1,x"], "whole numbers"),
        (["--seeds", "1,1"], "twice"),
        (["--seeds", "1", "--seed", "2"], "either --seed or --seeds"),
        (["--config", "nothing.yaml"], "nothing.yaml"),
    ],
)
def test_wrong_seeds_and_files(
    options: list[str], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, "train", "--out", str(tmp_path / "new"), *options, "--lang", "en")
    assert (code, out) == (2, "")
    assert rule in err
    assert not (tmp_path / "new").exists()
