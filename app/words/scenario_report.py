"""A scenario as text, with every rule and every parameter's source."""

from __future__ import annotations

from app.words.console import list_text, unit_text
from data.catalogue import text
from data.parameter import letter_texts
from data.parameter_book import Book, load_book
from data.scenario import Scenario
from data.strict_yaml import dump_mapping
from envs.rules.check import RULES, rule_mode


def scenario_text(scenario: Scenario, language: str) -> str:
    """Fields, rules and parameters; estimates are marked E, changed values with an asterisk."""
    fields = scenario.model_dump(mode="json", exclude={"parameters", "rules"})
    rules = [
        (name, text(f"mode_{rule_mode(scenario, name).value}", language), rule.label[language])
        for name, rule in RULES.items()
    ]
    return "\n\n".join(
        (
            dump_mapping(fields).rstrip(),
            text("scenario_rules", language) + "\n" + list_text(rules),
            parameters_text(load_book().override(scenario.parameters), language),
        )
    )


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
