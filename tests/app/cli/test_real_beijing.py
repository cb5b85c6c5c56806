"""The main job on real zones: townships of Beijing imported by the command, searched, and handed on."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml
from shapely.geometry import box

from app.cli.main import main
from city_fixtures import CRS
from data.files.cities import load_city

N_VILLAGES = 40
TOWNSHIPS = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "beijing" / "townships.geojson"


@pytest.fixture(scope="module")
def real_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """331 real townships, with seeded squares that stand in for villages."""
    if not TOWNSHIPS.is_file():
        pytest.skip("the shared data are not beside the checkout")
    folder = tmp_path_factory.mktemp("real")
    source = gpd.read_file(TOWNSHIPS).to_crs(CRS)
    chosen = source[source["d_tam_km"] < 30.0].representative_point().sample(N_VILLAGES, random_state=7)
    squares = [box(p.x - 150, p.y - 150, p.x + 150, p.y + 150) for p in chosen]
    ids = [f"v{k:02d}" for k in range(N_VILLAGES)]
    gpd.GeoDataFrame({"village_id": ids}, geometry=squares, crs=CRS).to_file(folder / "villages.gpkg")
    jobs = (source.groupby("district")["pop2020"].sum() * 0.6).to_dict()
    (folder / "columns.yaml").write_text(yaml.safe_dump(_mapping(jobs), allow_unicode=True), encoding="utf-8")
    files = ["--zones", str(TOWNSHIPS), "--villages", str(folder / "villages.gpkg")]
    out = folder / "beijing2.gpkg"
    assert main(["city", "import", *files, "--mapping", str(folder / "columns.yaml"), "--out", str(out)]) == 0
    return out


def _mapping(jobs_by_district: dict[str, float]) -> dict[str, object]:
    return {
        "name": "beijing2",
        "zones_include_villages": True,
        "zones": {
            "number_ids": True,
            "columns": {"name": "town", "residents": "pop2020", "sale_price_cny_per_m2": "price_2016_17"},
            "tables": {"jobs": {"by": "district", "spread_by": "pop2020", "values": jobs_by_district}},
            "fill": {"sale_price_cny_per_m2": {"by": "district", "otherwise": 20_000.0}},
            "cut_overlaps_below_share": 0.05,
        },
        "villages": {"constants": {"gross_floor_area_m2": 90_000, "registered_residents": 300, "tenants": 700}},
    }


def test_search_and_export(real_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, sheet = tmp_path / "run", tmp_path / "plan.gpkg"
    options = ["--city", str(real_city), "--scenario", "balanced", "--evaluations", "300", "--seed", "1"]
    assert main(["optimize", *options, "--out", str(run)]) == 0
    shown = capsys.readouterr().out
    assert "beijing2, balanced" in shown
    assert max(map(len, shown.split("\n\n")[1].splitlines())) <= 120
    front = pd.read_csv(run / "front.csv")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert record["city"]["name"] == "beijing2"
    assert len(front) == record["n_plans"] > 10
    assert front["valid"].all()
    assert np.isfinite(front[record["objectives"]].to_numpy()).all()
    plan = record["recommended"]["balanced"]
    assert main(["export", "--run", str(run), "--plan", plan, "--to", str(sheet)]) == 0
    villages = gpd.read_file(sheet, layer="villages")
    chosen = front.set_index("plan_id").loc[plan]
    assert villages["net_present_value_cny"].sum() == pytest.approx(chosen["net_present_value_cny"])
    assert (villages["start_year"] > 0).sum() == chosen["renewed_villages"]
    assert set(villages["district"]) <= set(load_city(str(real_city)).districts)


def test_what_was_filled_is_told(real_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "show", str(real_city)]) == 0
    shown = capsys.readouterr().out
    assert "74 rows filled with 20000" in shown
    assert "zones                                 331" in shown
