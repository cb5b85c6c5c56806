"""What a preset puts first, in words: weights of its objectives, its targets, its hard rules."""

from __future__ import annotations

import re

from app.words.console import inside, listed, percent_text
from data.catalogue import text
from data.scenario import RuleMode, Scenario

_TIME = re.compile(r"（| \(")
"""Where a label begins to say what time its number is of; a weight has none."""


def preset_words(scenario: Scenario, language: str) -> list[str]:
    """Sentences, the most telling first."""
    said = [_weights(scenario, language)]
    if scenario.targets:
        from app.words.target_text import target_text  # imports the kernel, which the first card can do without

        targets = listed((target_text(target, language) for target in scenario.targets), language)
        said.append(text("start_targets", language, targets=targets))
    hard = [name for name, mode in scenario.rules.items() if mode is RuleMode.HARD]
    if hard:
        rules = listed((inside(text(f"rule_{name}", language), language) for name in hard), language)
        said.append(text("start_hard_rules", language, n=len(hard), rules=rules))
    return said


def _weights(scenario: Scenario, language: str) -> str:
    """Which objective weighs most, or that all weigh the same."""
    total = sum(scenario.preferences.get(name, 0.0) for name in scenario.objectives) or 1.0
    weights = {name: scenario.preferences.get(name, 0.0) / total for name in scenario.objectives}
    labels = {name: _TIME.split(text(f"{name}.label", language))[0] for name in weights}
    first = max(weights, key=weights.__getitem__)
    others = [inside(labels[name], language) for name in weights if name != first]
    if not others:
        return text("start_one_objective", language, name=labels[first])
    if max(weights.values()) - min(weights.values()) < 1e-9:
        return text("start_alike", language, names=listed([labels[first], *others], language))
    share = percent_text(weights[first])
    return text("start_first", language, name=labels[first], share=share, others=listed(others, language))
