"""What people call a run: a title beside it, in no digest; where nobody gave one, scenario, city and time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.files.atomic import replaced
from app.plans.recommendation import scenario_label
from app.runs.names import RUN_FILE
from app.runs.record import read_record
from app.words.city_name import city_name
from data.catalogue import text
from data.errors import InputError, refuse

TITLE_FILE = "title.txt"
LONGEST_TITLE = 60
"""Letters."""
_MADE_IN_THE_ROOM = re.compile(r"run-\d{8}-\d{6}-[0-9a-f]{6}")


def checked_title(title: str) -> str:
    """A title as it is kept: one line without blanks around it; empty = none.

    Raises:
        InputError: it is longer than LONGEST_TITLE.

    Example:
        >>> checked_title("  Fewer  tenants leave ")
        'Fewer tenants leave'
    """
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())
    if len(line) > LONGEST_TITLE:
        raise refuse("title_too_long", layer="title", n=len(line), most=LONGEST_TITLE)
    return line


def read_title(folder: Path) -> str:
    """The title that somebody gave a run; empty where nobody did, or the file is not one."""
    try:
        return checked_title((folder / TITLE_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, InputError):
        return ""


def write_title(folder: Path, title: str) -> None:
    """Give a run its title, or take it away.

    Args:
        folder: of the run.
        title: empty = it is called by scenario, city and time again.

    Raises:
        InputError: the folder holds no run, the title is too long, or the disk refuses.
    """
    line = checked_title(title)
    read_record(folder)
    if not line:
        (folder / TITLE_FILE).unlink(missing_ok=True)
        return
    with replaced(folder / TITLE_FILE) as partial:
        partial.write_text(f"{line}\n", encoding="utf-8")


@contextmanager
def titled(folder: Path, title: str | None) -> Iterator[None]:
    """Give a run that is made, or gone on with, in the block its title; one given while it was made stays.

    Args:
        folder: of the run; a run that was there before gets the title only if the block ends well.
        title: None = it gets none.

    Raises:
        InputError: the title is too long, before anything begins.
    """
    line, was_there = checked_title(title or ""), (folder / RUN_FILE).is_file()
    try:
        yield
    except BaseException:
        if not was_there:
            _give_new(folder, line)
        raise
    if was_there and line:
        write_title(folder, line)
    _give_new(folder, line)


def _give_new(folder: Path, line: str) -> None:
    if line and (folder / RUN_FILE).is_file() and not (folder / TITLE_FILE).exists():
        write_title(folder, line)


def run_title(folder: Path, language: str) -> str:
    """What a run is called: its title, else the name of its folder, or what says more where a program made that name.

    Args:
        folder: of the run.
        language: of the reader.
    """
    given = read_title(folder)
    if given or not made_in_the_room(folder.name):
        return given or folder.name
    try:
        record = read_record(folder)
    except InputError:
        return folder.name
    return told_title(record.scenario, record.city.name, record.created, language)


def run_label(folder: Path, language: str) -> str:
    """Title and, where that says something else, the name of the folder: for whoever has to find the run again."""
    title = run_title(folder, language)
    return title if title == folder.name else text("run_label", language, title=title, folder=folder.name)


def made_in_the_room(name: str) -> bool:
    """Whether the decision room made up the name of a folder, which tells people nothing."""
    return bool(_MADE_IN_THE_ROOM.fullmatch(name))


def told_title(scenario: str, city: str, began: str, language: str) -> str:
    """Scenario, city and the local time at which a run began.

    Args:
        scenario: its name.
        city: its name.
        began: ISO 8601; one that is none is left out.
        language: of the reader.
    """
    called, city = scenario_label(scenario, language), city_name(city, language)
    try:
        time = f"{datetime.fromisoformat(began).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return text("run_told_without_time", language, scenario=called, city=city)
    return text("run_told", language, scenario=called, city=city, time=time)
