"""Every planning rule by its name. A rule is added to the tuple of its kind: programme, whole plan, single villages."""

from __future__ import annotations

from collections.abc import Mapping

from envs.rules.programme import PROGRAMME_RULES
from envs.rules.rule import Rule
from envs.rules.single_villages import VILLAGE_RULES
from envs.rules.whole_plan import CITY_RULES

RULES: Mapping[str, Rule] = {rule.name: rule for rule in (*PROGRAMME_RULES, *CITY_RULES, *VILLAGE_RULES)}
"""Name -> rule, in the order in which they are told."""
