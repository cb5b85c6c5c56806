"""`renewal doctor`."""

from __future__ import annotations

import pytest

from app.cli import doctor
from app.cli.doctor import CheckResult, self_check
from app.cli.main import main


def test_the_installation_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    for word in ("python", "numpy", "device", "processor cores", "net present value by hand"):
        assert word in shown
    assert "FAILED" not in shown
    assert all(result.holds for result in self_check())


def test_a_failed_check_is_exit_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "self_check", lambda: [CheckResult("arithmetic", False, "2 + 2 = 5")])
    assert main(["doctor"]) == 1
    assert "FAILED" in capsys.readouterr().out
