"""A scenario as text, with every rule and every parameter's source."""

from __future__ import annotations

import json
from typing import Any

from app.words.console import list_text, unit_text
from data.catalogue import text
from data.errors import printable
from data.model_version import MODEL_VERSION
from data.parameter import letter_texts
from data.parameter_book import Book, load_book
from data.scenario import Scenario
from data.scenario_upgrade import Upgrade
from data.strict_yaml import dump_mapping
from envs.rules.check import rule_mode, rules_of


def scenario_text(scenario: Scenario, language: str) -> str:
    """Fields, rules and parameters; estimates are marked E, changed values with an asterisk."""
    fields = scenario.model_dump(mode="json", exclude={"parameters", "rules"})
    rules = [
        (name, text(f"mode_{rule_mode(scenario, name).value}", language), rule.label[language])
        for name, rule in rules_of(scenario).items()
    ]
    return "\n\n".join(
        (
            dump_mapping(fields).rstrip(),
            text("scenario_rules", language) + "\n" + list_text(rules),
            parameters_text(load_book().override(scenario.parameters), language),
        )
    )


def upgrade_text(upgrade: Upgrade, language: str) -> str:
    """What an upgrade added, dropped and kept, a line each."""
    lines = [
        *(text("upgrade_added", language, name=name, value=_short(value)) for name, value in upgrade.added.items()),
        *(text("upgrade_dropped", language, name=name) for name in upgrade.dropped),
        *(
            text("upgrade_kept", language, name=f"parameters.{key}", value=_short(value), book=_short(ours))
            for key, (value, ours) in upgrade.kept.items()
        ),
    ]
    key = "upgrade_done" if upgrade.version < MODEL_VERSION else "upgrade_none_needed"
    head = text(key, language, before=upgrade.version, after=MODEL_VERSION)
    return "\n".join([head, *lines] if lines else [head, text("upgrade_nothing", language)])


def _short(value: Any) -> str:  # noqa: ANN401 - any field of a scenario
    return printable(json.dumps(value, ensure_ascii=False), 60)


def parameters_text(book: Book, language: str) -> str:
    """How many parameters have each letter, then one line per parameter: key, value, unit, range, letter, source."""
    rows = [
        (
            f"{'*' if row['changed'] else ' '} {row['key']}",
            str(row["value"]),
            unit_text(str(row["unit"]), language),
            _range_text(row["low"], row["high"]),
            str(row["confidence"]),
            str(row[f"label_{language}"]),
            str(row["source"]),
        )
        for row in book.rows()
    ]
    letters = text("clause_separator", language).join(letter_texts(book.letter_counts(), language))
    return text("scenario_parameters", language, confidences=letters) + "\n" + list_text(rows)


def _range_text(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:g}..{high:g}"
