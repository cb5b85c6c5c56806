"""Files as planners have them: shapefiles of any encoding, zips with folders, spreadsheets, KML, GeoParquet."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import Point

from city_fixtures import small_layers
from data.errors import InputError
from data.files.column_mapping import LayerMapping
from data.files.vector_files import Limits, read_vector

STATIONS = ("东直门站", "西直门站")


def stations(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    """Two stations with Chinese headings."""
    names, points = list(STATIONS), [Point(116.43, 39.94), Point(116.35, 39.94)]
    return gpd.GeoDataFrame({"编号": ["a", "b"], "站名": names}, geometry=points, crs="EPSG:4326").to_crs(crs)


def read(path: Path, **mapping: Any) -> tuple[gpd.GeoDataFrame, list[str]]:
    frame, notes = read_vector(path, "stations", LayerMapping.model_validate(mapping), Limits())
    return frame, [str(note) for note in notes]


def shapefile(folder: Path, encoding: str = "GBK", *, cpg: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "站点.shp"
    stations().to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def packed(path: Path, folder: Path, inside: str = "", *, gbk_names: bool = False) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            name = f"{inside}{part.name}"
            info = zipfile.ZipInfo(name.encode("gbk").decode("cp437") if gbk_names else name)
            archive.writestr(info, part.read_bytes())
    if gbk_names:
        path.write_bytes(_without_flag_of_utf8(path))
    return path


def _without_flag_of_utf8(path: Path) -> bytes:
    """The archive as Windows packs it: names are bytes of GBK, and no flag says otherwise."""
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    content = path.read_bytes()
    for info, _ in members:
        utf8 = info.filename.encode()
        content = content.replace(utf8, info.filename.encode("cp437").ljust(len(utf8), b"_"))
    return content


@pytest.mark.parametrize("cpg", [None, "ISO-8859-1", "UTF-8", "GBK"])
def test_a_shapefile_in_gbk(tmp_path: Path, cpg: str | None) -> None:
    frame, notes = read(shapefile(tmp_path, cpg=cpg))
    assert tuple(frame["站名"]) == STATIONS
    assert bool(notes) == (cpg != "GBK")


def test_a_stated_encoding_holds_for_names_of_columns_too(tmp_path: Path) -> None:
    frame, notes = read(shapefile(tmp_path), encoding="gb18030")
    assert tuple(frame["站名"]) == STATIONS
    assert notes == []
    with pytest.raises(InputError, match=r"站点\.shp: stations: the texts are not in the encoding UTF-8"):
        read(shapefile(tmp_path), encoding="UTF-8")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("encoding", "name"), [("UTF-8", "常住人"), ("GBK", "常住人口数")])
def test_names_cut_within_a_letter(tmp_path: Path, encoding: str, name: str) -> None:
    frame = stations().assign(常住人口数量合计=[1, 2]).assign(x="区" * 100)
    frame.to_file(tmp_path / "cut.shp", encoding=encoding)
    back, notes = read(tmp_path / "cut.shp")
    assert back[name].tolist() == [1, 2]
    assert back["x"].str.startswith("区" * 80).all()
    assert any("cut within a letter" in note for note in notes) == (encoding == "UTF-8")


@pytest.mark.parametrize("missing", [".dbf", ".shx"])
def test_parts_of_a_shapefile(tmp_path: Path, missing: str) -> None:
    path = shapefile(tmp_path / "parts")
    path.with_suffix(missing).unlink()
    with pytest.raises(InputError, match=rf"beside 站点\.shp there is no {missing}"):
        read(path)
    with pytest.raises(InputError, match=rf"z\.zip: stations: .*there is no {missing}"):
        read(packed(tmp_path / "z.zip", tmp_path / "parts"))


@pytest.mark.parametrize("inside", ["", "数据/站点/", "a/b/c/"])
def test_a_zip_with_folders(tmp_path: Path, inside: str) -> None:
    shapefile(tmp_path / "parts")
    assert tuple(read(packed(tmp_path / "z.zip", tmp_path / "parts", inside))[0]["站名"]) == STATIONS


def test_a_zip_packed_on_a_mac(tmp_path: Path) -> None:
    shapefile(tmp_path / "parts")
    path = packed(tmp_path / "z.zip", tmp_path / "parts", "站点/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/站点/._站点.shp", b"Mac")
        archive.writestr("站点/.DS_Store", b"Mac")
        archive.writestr("说明.txt", b"read me")
    assert tuple(read(path)[0]["站名"]) == STATIONS


def test_a_zip_with_several_shapefiles(tmp_path: Path) -> None:
    shapefile(tmp_path / "parts")
    small_layers().stations.to_file(tmp_path / "parts" / "zones.shp")
    path = packed(tmp_path / "z.zip", tmp_path / "parts", "all/")
    with pytest.raises(InputError, match=r"z\.zip: stations: .*layers (站点, zones|zones, 站点)"):
        read(path)
    assert tuple(read(path, layer="站点")[0]["站名"]) == STATIONS
    with pytest.raises(InputError, match="there is no layer roads"):
        read(path, layer="roads")


def test_other_files_in_a_zip(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    stations().to_file(tmp_path / "parts" / "s.gpkg")
    assert len(read(packed(tmp_path / "z.zip", tmp_path / "parts", "x/"))[0]) == 2
    (tmp_path / "parts" / "s.gpkg").rename(tmp_path / "parts" / "inner.zip")
    with pytest.raises(InputError, match=r"holds no file that can be read .*inner\.zip.*unpack it"):
        read(packed(tmp_path / "y.zip", tmp_path / "parts"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_of_any_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    text = separator.join(["编号", "站名", "经度", "纬度"]) + "\r\n"
    text += "".join(
        separator.join([row, name, "116.4", "39.9"]) + "\r\n" for row, name in zip("ab", STATIONS, strict=True)
    )
    (tmp_path / "s.csv").write_bytes(text.encode(encoding))
    frame, notes = read(tmp_path / "s.csv")
    assert tuple(frame["站名"]) == STATIONS
    assert frame.geometry.iloc[0] == Point(116.4, 39.9)
    assert notes[-1] == "stations: points read from the columns 经度 and 纬度"


def test_a_geojson_in_gbk_or_utf_16(tmp_path: Path) -> None:
    for encoding in ("gb18030", "utf-16", "utf-8-sig"):
        (tmp_path / "s.geojson").write_bytes(stations().to_json(ensure_ascii=False).encode(encoding))
        assert tuple(read(tmp_path / "s.geojson")[0]["站名"]) == STATIONS


@pytest.mark.parametrize("suffix", [".parquet", ".kml", ".gpkg", ".fgb"])
def test_other_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"s{suffix}"
    if suffix == ".parquet":
        stations().to_parquet(path)
    else:
        stations().to_file(path, driver="LIBKML" if suffix == ".kml" else None)
    frame, _ = read(path)
    assert tuple(frame["站名"]) == STATIONS
    assert frame.crs == "EPSG:4326"
    assert "tessellate" not in frame.columns


def test_a_table_of_styles_beside_the_layer_is_passed_over(tmp_path: Path) -> None:
    stations().to_file(tmp_path / "s.gpkg", layer="站点")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["x"]}), tmp_path / "s.gpkg", layer="layer_styles", append=True)
    assert tuple(read(tmp_path / "s.gpkg")[0]["站名"]) == STATIONS


def test_a_kml_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    stations().to_file(tmp_path / "s.kml", driver="LIBKML")
    text = (tmp_path / "s.kml").read_text(encoding="utf-8")
    link = "<NetworkLink><Link><href>other.kml</href></Link></NetworkLink>"
    for wrong in (
        text.replace("<Placemark", f"{link}<Placemark", 1),
        text.replace("<kml", '<!DOCTYPE kml [<!ENTITY a SYSTEM "s.gpkg">]><kml', 1),
        "<OGRVRTDataSource/>",
    ):
        (tmp_path / "s.kml").write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match="may point to other data"):
            read(tmp_path / "s.kml")


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROWS: list[list[object]] = [["编号", "站名", "wkt"], ["a", "东", "POINT (1 2)"], ["b", "西", "POINT (3 4)"]]


def test_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", 站点=[["表一 站点一览"], [], *ROWS, ["合计", None, None]], 空=[])
    frame, notes = read(path)
    assert frame["编号"].tolist() == ["a", "b", "合计"]
    assert frame.geometry.iloc[1] == Point(3, 4)
    assert frame.geometry.iloc[2] is None
    assert notes == [
        "stations: 1 line above the heading left out: 表一 站点一览",
        "stations: geometries read from the column wkt",
    ]
    two = workbook(tmp_path / "t.xlsx", 站点=ROWS, 其他=ROWS)
    with pytest.raises(InputError, match=r"t\.xlsx: stations: the workbook has several sheets.*: 站点, 其他"):
        read(two)
    assert len(read(two, layer="其他")[0]) == 2
    (tmp_path / "broken.xlsx").write_bytes(two.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"broken\.xlsx"):
        read(tmp_path / "broken.xlsx")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["a", "a"], [1, 2]], "names a more than once"),
        ([["a", "b"], [1, 2]], "has no geometry"),
        ([["经度", "纬度"], ["116°24'", 39]], "must be numbers, found '116°24'"),
        ([["wkt", "b"], ["POLYGON 1 2", 1]], "well-known text, found 'POLYGON 1 2'"),
        ([["经度", "纬度"], [1, 2, 3]], "more cells than the heading"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, rows: list[list[object]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(workbook(tmp_path / "s.xlsx", a=rows))
    (tmp_path / "s.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read(tmp_path / "s.csv")


def test_texts_that_were_saved_wrongly_are_warned_of(tmp_path: Path) -> None:
    wrong = stations().assign(站名=[name.encode("gbk").decode("1252", errors="replace") for name in ("东城区", "村")])
    wrong.to_file(tmp_path / "s.gpkg")
    notes = read(tmp_path / "s.gpkg")[1]
    assert "warning: ¶«³ÇÇø should read 东城区" in notes[0]
