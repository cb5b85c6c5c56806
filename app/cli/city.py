"""`renewal city ...`: what is given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.errors import refusal

CityArgument = Annotated[str, typer.Argument(metavar="CITY", help="Embedded city or GeoPackage.")]


def build_app() -> typer.Typer:
    """The group of commands."""
    city = typer.Typer(
        help="List, show, check, import and draw cities.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    city.command("list")(list_cities)
    city.command("show")(show_city)
    city.command("validate")(validate_city)
    city.command("import")(import_city_files)
    city.command("synthesize")(synthesize)
    city.command("travel")(write_travel)
    return city


def list_cities() -> None:
    """List the embedded cities."""
    from app.words.city_report import city_list_text

    print(city_list_text())


def show_city(city: CityArgument) -> None:
    """Counts, totals with units, synthetic data and repairs of a city."""
    from app.words.city_report import city_text
    from data.files.cities import load_city

    print(city_text(load_city(city)))


def validate_city(city: CityArgument) -> None:
    """Check a city file against every rule; exit 2 if one is broken."""
    from data.files.cities import city_path
    from data.files.geopackage import validate_file
    from data.layers.findings import raise_on_errors

    path = city_path(city)
    findings = validate_file(path)
    raise_on_errors(findings, path)
    for finding in findings:
        print(f"{finding.severity}: {finding.text(path)}")
    print(f"{path}: valid, {len(findings)} warnings")


def import_city_files(
    *,
    zones: Annotated[Path, typer.Option(help="Polygons that tile the city.")],
    villages: Annotated[Path, typer.Option(help="Polygons that may be renewed.")],
    out: Annotated[Path, typer.Option(metavar="CITY", help="GeoPackage to write.")],
    facilities: Annotated[Path | None, typer.Option(help="Points with category and supply.")] = None,
    stations: Annotated[Path | None, typer.Option(help="Rail stations.")] = None,
    skim: Annotated[Path | None, typer.Option(help="Observed travel, CSV or Parquet.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML: whose column is which of ours.")] = None,
) -> None:
    """Import a city from any files that geopandas reads."""
    from data.files.geopackage import write_city
    from data.importing.importer import import_city

    _check_target(out)
    city = import_city(
        zones, villages, facilities=facilities, stations=stations, skim=skim, mapping=mapping, name=_name(out, mapping)
    )
    write_city(city, out)
    for line in city.repairs:
        print(line)
    print(f"{out}: {city.n_zones} zones, {city.n_villages} villages, {len(city.facilities)} facilities")


def synthesize(
    villages: Annotated[int, typer.Option(metavar="N", help="Number of villages.")],
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same city.")],
    out: Annotated[Path, typer.Option(metavar="CITY", help="GeoPackage to write.")],
    zones: Annotated[int | None, typer.Option(metavar="Z", help="Number of zones; by default 0.4 a village.")] = None,
) -> None:
    """Draw a synthetic city; every layer of it says so."""
    from data.files.geopackage import write_city
    from data.synthesis.city import synthesize_city

    _check_target(out)
    city = synthesize_city(villages, seed, n_zones=zones)
    write_city(city, out)
    print(f"{out}: {city.n_zones} zones, {city.n_villages} villages (synthetic)")


def write_travel(
    city: CityArgument, out: Annotated[Path, typer.Option(metavar="F.parquet", help="Parquet table to write.")]
) -> None:
    """Write distance and minutes between places and zones, observed or computed."""
    from app.files.atomic import new_file
    from data.files.cities import load_city
    from data.files.skim import skim_frame
    from data.parameter_book import load_book
    from data.travel import compute_travel

    if out.suffix.lower() != ".parquet":
        raise refusal("the travel table must end in .parquet", file=out)
    given = load_city(city)
    travel = compute_travel(given, load_book())
    frame = skim_frame(given, travel.distance_km, travel.minutes)
    with new_file(out) as draft:
        frame.to_parquet(draft, index=False)
    print(f"{out}: {len(frame):,} pairs")


def _check_target(out: Path) -> None:
    """Refuse a target before the work is done."""
    if out.suffix.lower() != ".gpkg":
        raise refusal("a city file must end in .gpkg", file=out)
    if not out.parent.is_dir():
        raise refusal("the folder to write to must exist", file=out)


def _name(out: Path, mapping: Path | None) -> str | None:
    """The target's name, unless a mapping may name the city."""
    return out.stem if mapping is None else None
