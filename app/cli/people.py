"""`renewal people ...`: residents one by one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command, new_group
from app.cli.people_day import day
from app.cli.people_effects import effects
from app.words.language import reader_language
from data.errors import refuse

if TYPE_CHECKING:
    from data.city import City


def build_app() -> typer.Typer:
    """The group of commands."""
    people = new_group("command_people")
    add_command(people, "draw", draw, "command_people_draw")
    add_command(people, "day", day, "command_people_day")
    add_command(people, "effects", effects, "command_people_effects")
    return people


def draw(
    *,
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, metavar="N", help="option_people_seed")] = 0,
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_people_scenario")] = "balanced",
    village: Annotated[str | None, typer.Option(metavar="ID", help="option_people_village")] = None,
    zone: Annotated[str | None, typer.Option(metavar="ID", help="option_people_zone")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """Draw persons in households, true to the city's margins, and write them as Parquet."""
    from tqdm import tqdm

    from app.files.atomic import check_new_folder
    from app.people.draw_folder import write_draw
    from app.people.draw_text import draw_text
    from app.runs.loading import load_resolved
    from envs.people.people_model import people_model

    check_new_folder(out)
    if village is not None and zone is not None:
        raise refuse("options_exclude", first="--village", second="--zone", layer="--village, --zone")
    model = people_model(load_resolved(city, scenario))
    places = _place(model.city, village, zone)
    n_persons = int((model.persons if places is None else model.persons[places]).sum())
    with tqdm(total=n_persons, unit=" persons", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:
        drawn = write_draw(out, model, city, seed=seed, places=places, threads=threads, progress=bar.update)
    print(draw_text(drawn, out, reader_language()))


def _place(city: City, village: str | None, zone: str | None) -> list[int] | None:
    """The one place that is asked for; None = all."""
    from data.catalogue import message
    from data.parameter import unknown_id

    for option, wanted, ids, first in (
        ("--village", village, city.villages.village_id, city.n_zones),
        ("--zone", zone, city.zones.zone_id, 0),
    ):
        if wanted is not None:
            known = ids.tolist()
            if wanted not in known:
                raise refuse(unknown_id(wanted, known), layer=option).within(
                    layer=message("refusal_city", name=city.name)
                )
            return [first + known.index(wanted)]
    return None
