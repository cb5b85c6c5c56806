"""What every export says of itself: screening, what is synthetic, what is an estimate."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.record.printed import record_head, record_lines
from app.runs.run_folder import Run
from app.words.city_name import city_name
from app.words.console import city_note, layer_text, with_remark
from app.words.fill_words import filled_counts
from data.catalogue import LANGUAGES, text
from data.city import Fill
from data.parameter_book import Book
from envs.kernel import ResolvedScenario


def synthetic_layers(resolved: ResolvedScenario) -> str:
    """Layers and columns that are synthetic, in one cell."""
    return "; ".join(sorted(resolved.city.synthetic))


def notes_frame(run: Run, plan_id: str, language: str = "en") -> pd.DataFrame:
    """Topic and note, one row each: where the numbers come from and how far to trust them.

    Args:
        run: the run.
        plan_id: of the plan.
        language: of topics and notes; files without a language have the English ones.
    """
    resolved, record, book = run.resolved, run.record, run.resolved.book

    def topic(which: str, **values: object) -> str:
        return text(f"note_topic_{which}", language, **values)

    rows = [
        *((topic("use"), text("screening", each)) for each in LANGUAGES),
        (topic("city"), city_name(resolved.city.name, language) if language == "zh" else resolved.city.name),
        (topic("scenario"), resolved.scenario.name),
        (topic("plan"), plan_id),
        (topic("run"), text("note_run", language, command=record.command, algorithm=record.algorithm,
                            seed=record.seed, status=record.status)),
        *((topic("digest", name=_digest_name(name, language)), digest) for name, digest in record.digests.pairs()),
        *((topic("record"), line) for line in record_lines(run, plan_id, language)),
        *((topic("synthetic", layer=_layer(layer, language)), city_note(note, language))
          for layer, note in sorted(resolved.city.synthetic.items())),
        *((topic("filled"), _filled(fill, language)) for fill in resolved.city.fills),
        *((topic("repair"), line.text(language)) for line in resolved.city.repairs),
        (topic("estimates"), text("note_estimates", language, n=len(book.estimates), of=len(book.facts))),
        *((topic("estimate"), _parameter(book, key, language)) for key in book.estimates),
        *((topic("changed"), _parameter(book, key, language)) for key in sorted(book.changed)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["topic", "note"])


def _digest_name(name: str, language: str) -> str:
    return text(f"report_digest_{name}", language) if language == "zh" else name


def _layer(name: str, language: str) -> str:
    return layer_text(name, language) if language == "zh" else name


def _parameter(book: Book, key: str, language: str) -> str:
    """Its key, in Chinese behind its name."""
    return with_remark(book[key].label_zh, key, language) if language == "zh" else key


def _filled(fill: Fill, language: str) -> str:
    """What an import filled in, with its letter of confidence."""
    column = f"{fill.layer}.{fill.column}"
    said = layer_text(column, language) if language == "zh" else column
    return text("note_filled", language, column=said, n=fill.n_filled, of=fill.n_rows, letter=fill.letter)


def summary_record(run: Run, plan_id: str) -> dict[str, Any]:
    """The same for JSON."""
    resolved = run.resolved
    return {
        "note": text("screening", "en"),
        "city": resolved.city.name,
        "scenario": resolved.scenario.name,
        "plan_id": plan_id,
        "digests": dict(run.record.digests.pairs()),
        "record": list(record_lines(run, plan_id, "en")),
        "record_head": record_head(run),
        "synthetic": resolved.city.synthetic,
        "filled_values": filled_counts(resolved.city),
        "estimated_parameters": list(resolved.book.estimates),
        "changed_parameters": sorted(resolved.book.changed),
    }
