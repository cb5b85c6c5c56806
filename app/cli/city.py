"""`renewal city ...`: what is given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command, new_group
from app.words.language import reader_language
from data.catalogue import text

CityArgument = Annotated[str, typer.Argument(metavar="CITY", help="option_city")]


def build_app() -> typer.Typer:
    """The group of commands."""
    city = new_group("command_city")
    add_command(city, "list", list_cities, "command_city_list")
    add_command(city, "show", show_city, "command_city_show")
    add_command(city, "validate", validate_city, "command_city_validate")
    add_command(city, "import", import_city_files, "command_city_import")
    add_command(city, "template", write_templates, "command_city_template")
    add_command(city, "synthesize", synthesize, "command_city_synthesize")
    add_command(city, "travel", write_travel, "command_city_travel")
    return city


def list_cities() -> None:
    """List the embedded cities."""
    from app.words.city_report import city_list_text

    print(city_list_text(reader_language()))


def show_city(city: CityArgument) -> None:
    """Counts, totals with units, synthetic data and repairs of a city."""
    from app.words.city_report import city_text
    from data.files.cities import load_city

    print(city_text(load_city(city), reader_language()))


def validate_city(city: CityArgument) -> None:
    """Check a city file against every rule; exit 2 if one is broken."""
    from data.files.cities import city_path
    from data.files.geopackage import validate_file
    from data.layers.findings import raise_on_errors

    language, path = reader_language(), city_path(city)
    findings = validate_file(path)
    raise_on_errors(findings, path)
    for finding in findings:
        severity = text(f"severity_{finding.severity}", language)
        print(text("refusal_within", language, outer=severity, inner=finding.text(path, language)))
    print(text("city_valid", language, file=path, n=len(findings)))


def import_city_files(
    *,
    zones: Annotated[Path, typer.Option(metavar="F", help="option_zones")],
    villages: Annotated[Path, typer.Option(metavar="F", help="option_villages")],
    out: Annotated[Path, typer.Option(metavar="CITY", help="option_city_out")],
    facilities: Annotated[Path | None, typer.Option(metavar="F", help="option_facilities")] = None,
    stations: Annotated[Path | None, typer.Option(metavar="F", help="option_stations")] = None,
    skim: Annotated[Path | None, typer.Option(metavar="F", help="option_skim")] = None,
    mapping: Annotated[Path | None, typer.Option(metavar="M.yaml", help="option_mapping")] = None,
) -> None:
    """Import a city from any files that geopandas reads."""
    from app.files.atomic import check_new_file
    from app.words.fill_words import fills_line
    from data.files.geopackage import write_city
    from data.importing.importer import import_city

    check_new_file(out, ".gpkg")
    city = import_city(
        zones, villages, facilities=facilities, stations=stations, skim=skim, mapping=mapping, name=_name(out, mapping)
    )
    write_city(city, out)
    for line in city.repairs:
        print(line.text(reader_language()))
    if city.fills:
        print(fills_line(city, reader_language()))
    print(
        text(
            "city_written",
            reader_language(),
            file=out,
            n_zones=city.n_zones,
            n_villages=city.n_villages,
            n_facilities=len(city.facilities),
        )
    )


def write_templates(out: Annotated[Path, typer.Option(metavar="DIR", help="option_template_out")]) -> None:
    """Write a workbook and a GeoPackage to fill in, and the mapping that goes with them."""
    from app.exports.city_template import GEOPACKAGE, MAPPING, WORKBOOK, write_template
    from app.files.atomic import new_folder

    with new_folder(out) as draft:
        write_template(draft)
    print(text("template_written", reader_language(), out=out, files=[WORKBOOK, GEOPACKAGE, MAPPING]))


def synthesize(
    villages: Annotated[int, typer.Option(metavar="N", help="option_n_villages")],
    seed: Annotated[int, typer.Option(metavar="S", help="option_city_seed")],
    out: Annotated[Path, typer.Option(metavar="CITY", help="option_city_out")],
    zones: Annotated[int | None, typer.Option(metavar="Z", help="option_n_zones")] = None,
) -> None:
    """Draw a synthetic city; every layer of it says so."""
    from app.files.atomic import check_new_file
    from data.files.geopackage import write_city
    from data.synthesis.city import synthesize_city

    check_new_file(out, ".gpkg")
    city = synthesize_city(villages, seed, n_zones=zones)
    write_city(city, out)
    print(text("city_drawn", reader_language(), file=out, n_zones=city.n_zones, n_villages=city.n_villages))


def write_travel(
    city: CityArgument, out: Annotated[Path, typer.Option(metavar="F.parquet", help="option_travel_out")]
) -> None:
    """Write distance and minutes between places and zones, observed or computed."""
    from app.files.atomic import check_new_file, new_file
    from data.files.cities import load_city
    from data.files.skim import skim_frame
    from data.parameter_book import load_book
    from data.travel import compute_travel

    check_new_file(out, ".parquet")
    places = load_city(city)
    travel = compute_travel(places, load_book())
    frame = skim_frame(places, travel.distance_km, travel.minutes)
    with new_file(out) as draft:
        frame.to_parquet(draft, index=False)
    print(text("travel_written", reader_language(), file=out, n=len(frame)))


def _name(out: Path, mapping: Path | None) -> str | None:
    """The target's name, unless a mapping may name the city."""
    return out.stem if mapping is None else None
