"""`renewal sensitivity`: its table is the tornado, kept between calls, and a spoilt file is computed again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from app.cli.main import main
from app.runs.run_folder import Run
from app.studies.tornado_file import known_tornado, tornado_frame, tornado_of
from envs.parameter_sensitivity import ranged_parameters


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Three parameters instead of all, so that the test is quick."""
    keys = ("finance.discount_rate", "std.commerce", "cost.rehabilitation")
    monkeypatch.setattr("app.studies.tornado_file.ranged_parameters", lambda book: keys)
    return keys


def test_the_table_and_the_text(
    run: Run, few: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_id, out = run.plan_ids[0], tmp_path / "s.csv"
    call = ["sensitivity", "--run", str(run.folder), "--plan", plan_id, "--indicator", "net_present_value_cny"]
    assert main([*call, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    table = pd.read_csv(out, encoding="utf-8-sig")
    assert sorted(table["parameter"]) == sorted(few)
    expected = tornado_frame(tornado_of(run.resolved, run.plan(plan_id)), run.resolved, ["net_present_value_cny"])
    pd.testing.assert_frame_equal(table, expected, rtol=1e-12)
    row = run.front.set_index("plan_id").loc[plan_id]
    assert table["at_scenario"].tolist() == pytest.approx([row["net_present_value_cny"]] * 3, rel=1e-9)
    assert table["parameter"].iloc[0] in told
    assert main([*call, "--lang", "zh"]) == 0
    assert "方案不变" in capsys.readouterr().out


def test_a_stopped_computation_goes_on_and_a_spoilt_file_is_not_believed(
    run: Run, few: tuple[str, ...], tmp_path: Path
) -> None:
    plan = run.plan(run.plan_ids[0])
    assert known_tornado(run.resolved, plan, folder=tmp_path) is None
    seen: list[int] = []

    def stop(done: int, of: int) -> None:
        seen.append(done)
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tornado_of(run.resolved, plan, progress=stop, folder=tmp_path)
    partial = known_tornado(run.resolved, plan, folder=tmp_path)
    assert partial is not None
    assert not partial.complete
    whole = tornado_of(run.resolved, plan, progress=lambda done, of: seen.append(done), folder=tmp_path)
    assert seen == [1, 2, 3]
    assert whole.complete
    (path,) = tmp_path.iterdir()
    for content in ("{", "[]", '{"base": {}, "effects": []}'):
        path.write_text(content, encoding="utf-8")
        assert known_tornado(run.resolved, plan, folder=tmp_path) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--indicator", "net_present_valu_cny"], "net_present_value_cny"),
        (["--out", "x.xlsx"], ".csv"),
        (["--plan", "p999"], "p001"),
    ],
)
def test_wrong_input_is_refused(options: list[str], message: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["sensitivity", "--run", str(run.folder), "--plan", run.plan_ids[0], *options]
    assert main(call) == 2
    assert message in capsys.readouterr().err
    assert len(ranged_parameters(run.resolved.book)) > 50
