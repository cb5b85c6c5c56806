"""What `renewal bargain` says: who agrees and who blocks, on which terms, with what chance, and what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from agents.stakeholders.dialogue import dialogue
from agents.stakeholders.wording import statement_words
from app.bargaining.bargain_frames import city_values
from app.bargaining.bargain_tables import rounds_table
from app.bargaining.bargained_plan import BargainedPlan, PooledBargain
from app.bargaining.spoken import Spoken, speech_lines, spoken_summary
from app.bargaining.ways import Way, sums_of, ways_of
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.people.bargaining.parties import PARTIES, VILLAGERS
from envs.people.bargaining.pooling import SHARED
from envs.people.bargaining.protocol import NOBODY


def bargain_text(
    bargained: BargainedPlan, out: Path, language: str, *, tells_all: bool, spoken: Spoken | None = None
) -> str:
    """The whole answer.

    Args:
        bargained: the plan.
        out: where its files lie.
        language: en or zh.
        tells_all: the dialogue of every project, too.
        spoken: what the parties say in the words of a language model.
    """
    dialogues = list(_dialogues(bargained, language, spoken)) if tells_all else []
    parts = [
        str(out),
        *dialogues,
        *([] if spoken is None else [_lines(spoken_summary(spoken))]),
        _lines(verdict_sentences(bargained, language)),
        _ways_table(bargained, language),
        _lines([chance_sentence(bargained, language)]),
        *([] if bargained.pooled is None else [_lines(pool_sentences(bargained.pooled, language))]),
        *([_rounds_text(bargained, language)] if len(bargained.rounds) > 1 else []),
        _city_table(bargained, language),
        _lines([text("bargain_note", language)]),
    ]
    return "\n\n".join(parts)


def _dialogues(bargained: BargainedPlan, language: str, spoken: Spoken | None) -> Iterator[str]:
    negotiation = bargained.negotiation
    for project, village_id in enumerate(bargained.projects.village_ids):
        lines = [village_id]
        for statement in dialogue(negotiation, project):
            act, *opinions = (words.text(language) for words in statement_words(negotiation, project, statement))
            lines += filled(act, COLUMNS)
            lines += [f"  {line}" for opinion in opinions for line in filled(opinion, COLUMNS - 2)]
        yield "\n".join([*lines, *([] if spoken is None else _filled(speech_lines(spoken, village_id)))])


def verdict_sentences(bargained: BargainedPlan, language: str) -> list[str]:
    """How many agree, and who blocks the others by what."""
    result, negotiation = bargained.negotiation.result, bargained.negotiation
    said = [text("bargain_verdict", language, n=int(result.agreed.sum()), of=result.agreed.size)]
    blocked = Counter(
        (PARTIES[result.blocker[k]], negotiation.blocking_term(k))
        for k in np.flatnonzero(result.blocker != NOBODY).tolist()
    )
    for (party, term), n in blocked.most_common():
        names = {
            "party": text(f"bargain_party_{party}", language),
            "term": text(f"bargain_term_{party}_{term}", language),
        }
        said.append(text("bargain_blocked", language, n=n, **names))
    if (result.package == NOBODY).any():
        said.append(text("bargain_without_package", language, n=int(np.count_nonzero(result.package == NOBODY))))
    return said


def _filled(sentences: Iterable[str]) -> list[str]:
    return [line for sentence in sentences for line in filled(sentence, COLUMNS)]


def _lines(sentences: Iterable[str]) -> str:
    return "\n".join(_filled(sentences))


def _ways_table(bargained: BargainedPlan, language: str) -> str:
    """The bargain beside the other ways to come to terms: mean terms, and gains in all, of the projects that agree."""
    header = [text(f"bargain_column_{name}", language) for name in ("way", "agree", "multiplier", "onsite")]
    header += [text(f"bargain_party_{party}", language) for party in PARTIES]
    rows = [_way_row(bargained, way, language) for way in ways_of(bargained)]
    title = text("bargain_ways", language)
    return f"{title}\n{table_text(header, rows, header_width=16)}"


def _way_row(bargained: BargainedPlan, way: Way, language: str) -> list[str]:
    sums = sums_of(bargained, way)
    multiplier, onsite_share = sums.means["compensation_multiplier"], sums.means["onsite_share"]
    terms = ["-", "-"] if np.isnan(multiplier) else [f"{multiplier:.3f}", percent_text(onsite_share)]
    money = [value_text(float(gain), "CNY", language) for gain in sums.gains_cny]
    return [text(f"bargain_way_{way.name}", language), f"{sums.n_projects:,}", *terms, *money]


def chance_sentence(bargained: BargainedPlan, language: str) -> str:
    """Agreements over all draws, with the standard error of their number."""
    probability, error = bargained.prospects.probability
    return text(
        "bargain_chances",
        language,
        n=bargained.n_draws,
        expected=float(probability.sum()),
        se=float(np.sqrt((error**2).sum())),
        of=probability.size,
        sure=int((probability == 1.0).sum()),
        never=int((probability == 0.0).sum()),
    )


def pool_sentences(pooled: PooledBargain, language: str) -> list[str]:
    """How many agree where neighbors pool, and who blocks the other pools."""
    result, size = pooled.result, pooled.pools.members.shape[1]
    blockers = [VILLAGERS if k < size else SHARED[k - size] for k in result.blocker[result.blocker != NOBODY].tolist()]
    said = text(
        "bargain_pools",
        language,
        size=size,
        n=int(pooled.agreed.sum()),
        of=pooled.agreed.size,
        n_pools=int(result.agreed.sum()),
        of_pools=result.agreed.size,
    )
    named = (
        text("bargain_pools_blocked", language, n=n, party=text(f"bargain_party_{party}", language))
        for party, n in Counter(blockers).most_common()
    )
    return [said, *named]


def _rounds_text(bargained: BargainedPlan, language: str) -> str:
    """Round by round: agreements, changes, costs and gains; and whether it came to rest."""
    table = rounds_table(bargained, language)
    told = table_text(table.header, table.rows, header_width=14)
    return f"{table.title}\n{told}\n{_lines(rest_sentences(bargained, language))}"


def rest_sentences(bargained: BargainedPlan, language: str) -> list[str]:
    """Who left for good, and whether the rounds came to rest."""
    said = []
    if bargained.has_left.any():
        said.append(text("bargain_left", language, n=int(bargained.has_left.sum())))
    said.append(text("bargain_settled" if bargained.is_settled else "bargain_not_settled", language))
    return said


def _city_table(bargained: BargainedPlan, language: str) -> str:
    """Objectives and a few more of the plan as it was and as agreed."""
    header = [text(f"bargain_column_{name}", language) for name in ("indicator", "plan", "agreed_plan")]
    rows = [
        [
            INDICATORS[name].label[language],
            *(value_text(value, INDICATORS[name].unit, language) for value in before_and_after),
        ]
        for name, before_and_after in city_values(bargained).items()
    ]
    return table_text(header, rows, header_width=30)
