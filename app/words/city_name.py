"""What cities and scenarios are called: in the reader's language where they have a name in it, else by their own."""

from __future__ import annotations

from data.catalogue import catalogue, text
from data.scenario import Scenario


def city_name(name: str, language: str) -> str:
    """The name in words.

    Example:
        >>> city_name("beijing", "zh"), city_name("Shenzhen", "zh")
        ('北京', 'Shenzhen')
    """
    return text(f"city_{name}", language) if f"city_{name}" in catalogue() else name


def scenario_name(scenario: Scenario, language: str) -> str:
    """The label of a scenario; its name where it has none in the language."""
    return scenario.label.get(str(language)) or scenario.name
