"""`renewal scenario say "..."`: a sentence becomes a scenario, shown before it is written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.words.language import reader_language
from data.catalogue import text
from data.errors import refuse

if TYPE_CHECKING:
    from app.language_model.conversation import Conversation
    from data.scenario import Scenario
    from data.sentences.reading import Reading


def say_scenario(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="option_sentence")],
    base: Annotated[str, typer.Option(metavar="SCENARIO", help="option_sentence_base")] = "balanced",
    city: Annotated[str, typer.Option(metavar="CITY", help="option_sentence_city")] = "beijing",
    out: Annotated[Path | None, typer.Option(metavar="F.yaml", help="option_sentence_out")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="option_sentence_yes")] = False,
    model: Annotated[bool, typer.Option("--model", help="option_sentence_model")] = False,
) -> None:
    """Read a sentence as a scenario: what was understood, what was not; write it once that is confirmed."""
    from app.files.atomic import check_new_file
    from app.language_model.conversation import conversation_of_environment
    from app.words.sentence_text import reading_text

    if out is not None:
        check_new_file(out, ".yaml", layer="--out")
    conversation = conversation_of_environment() if model else None
    reading, scenario, told = _read(sentence, base, city, conversation)
    print(reading_text(reading, reader_language()))
    if told:
        print("\n" + told)
    is_sure = not reading.unclear and not told
    if out is not None and reading.said and (yes or _is_confirmed(reading, is_sure=is_sure)):
        _write(scenario, out)
    elif reading.unclear or not reading.said:
        raise refuse("sentence_not_all_understood", n=max(len(reading.unclear), 1))
    elif out is not None:
        print(text("sentence_nothing_written", reader_language()))


def _read(sentence: str, base: str, city: str, conversation: Conversation | None) -> tuple[Reading, Scenario, str]:
    """The reading, the scenario that it makes of the base, and what a model did; the city is read only where needed."""
    from app.language_model.reworded_sentence import read_with_model
    from app.runs.loading import check_scenario, load_checked_scenario
    from data.errors import InputError
    from data.files.cities import load_city
    from data.scenario_files import scenario_from_mapping
    from data.sentences.places import places_of
    from data.sentences.reading import read_sentence
    from data.sentences.said_scenario import placed, scenario_fields
    from data.sentences.tokens import Places

    fields = load_checked_scenario(base).model_dump(mode="json")
    places = Places()
    reading = read_sentence(sentence)
    if reading.unclear or any(path.startswith(("locked.", "forbidden.")) for path in reading.fields):
        places = places_of(load_city(city))
        reading = read_sentence(sentence, places)
    told = ""
    if conversation is not None:
        reading, told = read_with_model(reading, places, conversation, reader_language())
    reading = placed(reading, fields)
    try:
        scenario = scenario_from_mapping(scenario_fields(reading, fields))
        check_scenario(scenario)
    except InputError as error:
        raise error.within(file=sentence[:60]) from None
    return reading, scenario, told


def _is_confirmed(reading: Reading, *, is_sure: bool) -> bool:
    """Whether somebody at the terminal agrees; where nobody can be asked, only what the grammar read whole is taken."""
    if not sys.stdin.isatty():
        return is_sure
    print(text("sentence_ask_partly" if reading.unclear else "sentence_ask", reader_language()), end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是", "好")


def _write(scenario: Scenario, out: Path) -> None:
    from app.files.atomic import new_file
    from data.parameter_book import load_book
    from data.scenario_files import scenario_to_yaml

    with new_file(out) as draft:
        draft.write_text(scenario_to_yaml(scenario, load_book()), encoding="utf-8")
    print(text("files_at", reader_language(), path=out))
