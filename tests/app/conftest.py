"""A small city and a short run, made once by the commands themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli.main import main
from app.runs.run_folder import Run, load_run
from search_fixtures import quick_anchors

N_VILLAGES = 12
REPOSITORY = Path(__file__).resolve().parents[2]

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def _private_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep anchors and fonts apart from those of the user; English tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture(autouse=True)
def _quick_anchors() -> Iterator[None]:
    with quick_anchors():
        yield


@pytest.fixture(scope="session")
def city_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "small.gpkg"
    assert main(["city", "synthesize", "--villages", str(N_VILLAGES), "--seed", "1", "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def _made_run(city_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "first"
    options = ["--city", str(city_path), "--scenario", "balanced", "--evaluations", "300", "--seed", "3"]
    with quick_anchors():
        assert main(["optimize", *options, "--out", str(out)]) == 0
    return out


@pytest.fixture
def run_folder(_made_run: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(_made_run, tmp_path / "run"))


@pytest.fixture(scope="session")
def run(_made_run: Path) -> Run:
    return load_run(_made_run)


@pytest.fixture
def plan_path(tmp_path: Path) -> Path:
    """A plan of three villages, one of each intensity."""
    path = tmp_path / "plan.csv"
    path.write_text(
        "village_id,start_year,intensity,land_use,floor_area_ratio,facility_ratio\n"
        "V00001,1,rebuild,mixed_use,1.8,0.1\n"
        "V00002,3,mixed,rental_housing,1.5,0.12\n"
        "V00003,2,rehabilitate,,,0.1\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def command() -> Command:
    """Run `renewal` in a process of its own."""

    def call(*arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "import sys; from app.cli.main import main; sys.exit(main())", *arguments]
        return subprocess.run(
            program, capture_output=True, text=True, timeout=timeout, cwd=REPOSITORY, env=os.environ, check=False
        )

    return call
