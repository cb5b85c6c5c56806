"""What parties say in their role, in the words of a language model: what it is told, and what of its answer is kept.

A model may put things in words and nothing else: who is satisfied is settled, and a sentence with a number that the
party was not told is struck out. Nothing that is said here enters an outcome.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from agents.stakeholders.dialogue import Statement, dialogue
from agents.stakeholders.reasons import Opinion
from agents.stakeholders.wording import party_words, statement_words
from data.catalogue import text
from data.errors import printable
from data.headings.spoken_numbers import sentences_of, untold_numbers
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES

LONGEST_SPEECH = 800
"""Letters of what one party says."""
ANSWER_TOKENS = 1200
"""Of the answer for all parties of a project."""


@dataclass(frozen=True)
class Role:
    """A party at the end of its bargaining.

    Attributes:
        party: which.
        is_satisfied: with how it ends.
        told: lines that hold all the numbers that it may say.
        own_words: what it says without a language model.
    """

    party: str
    is_satisfied: bool
    told: tuple[str, ...]
    own_words: str


@dataclass(frozen=True)
class Speech:
    """What a party says.

    Attributes:
        party: which.
        is_satisfied: with how it ends.
        words: what it says.
        is_of_model: whether they are the model's; else they are made of the numbers.
        struck: sentences of the model that were struck out.
        untold: numbers in them that the party was not told; empty where it was made to say the opposite.
    """

    party: str
    is_satisfied: bool
    words: str
    is_of_model: bool
    struck: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    satisfied: StrictBool
    says: Annotated[str, Field(min_length=1, max_length=LONGEST_SPEECH)]


def roles(negotiation: Negotiation, project: int, language: str) -> tuple[Role, ...]:
    """The parties of a project at the end; none where no package is legal.

    Args:
        negotiation: bargains of one draw.
        project: its position.
        language: en or zh.
    """
    said = dialogue(negotiation, project)
    return tuple(_role(negotiation, project, said, k, language) for k in range(len(PARTIES))) if said else ()


def _role(negotiation: Negotiation, project: int, said: tuple[Statement, ...], position: int, language: str) -> Role:
    told: list[str] = []
    for one in _told_to(said, PARTIES[position]):
        act, *_ = statement_words(negotiation, project, one)
        told += [act.text(language), *_opinion_lines(one.opinions[position], language)]
    end = said[-1].opinions[position]
    return Role(PARTIES[position], end.is_satisfied, tuple(dict.fromkeys(told)), end.reason.text(language))


def _told_to(said: tuple[Statement, ...], party: str) -> tuple[Statement, ...]:
    """The plan, the first and the last offer of a party, and the end."""
    offers = [one for one in said[1:-1] if one.speaker == party]
    return (said[0], *offers[:1], *offers[1:][-1:], said[-1])


def _opinion_lines(opinion: Opinion, language: str) -> Iterator[str]:
    """Why, then gain, and the term that moved the party most, with their unit."""
    yield opinion.reason.text(language)
    yield text("speech_gain", language, amount=opinion.utility)
    if "term" in opinion.reason.values:
        values = opinion.reason.values
        yield text("speech_term", language, term=values["term"], amount=values["amount"])


def question(told: tuple[Role, ...], language: str) -> list[dict[str, str]]:
    """What a language model is asked: to speak for each party, from what that party was told."""
    parties = {
        role.party: {
            "name": party_words(role.party).text(language),
            "satisfied": role.is_satisfied,
            "told": list(role.told),
        }
        for role in told
    }
    return [
        {"role": "system", "content": text("speech_task", language)},
        {"role": "user", "content": json.dumps(parties, ensure_ascii=False, indent=1)},
    ]


def is_answer(answer: str) -> bool:
    """Whether an answer speaks for every party and for nobody else, and says whether each is satisfied."""
    return _said(answer) is not None


def speeches(told: tuple[Role, ...], answer: str | None) -> tuple[Speech, ...]:
    """What the parties say: the model's words as far as they repeat what was told, else their own.

    Args:
        told: roles of a project.
        answer: of the model; None = it gave none.
    """
    said = None if answer is None else _said(answer)
    if said is None:
        return tuple(Speech(role.party, role.is_satisfied, role.own_words, is_of_model=False) for role in told)
    return tuple(_checked(role, said[role.party]) for role in told)


def _checked(role: Role, said: _Said) -> Speech:
    """The sentences that are kept; all are struck where the party is made to say the opposite."""
    kept, struck, untold = list[str](), list[str](), list[str]()
    for sentence in sentences_of(said.says):
        numbers = untold_numbers(sentence, role.told)
        is_kept = said.satisfied == role.is_satisfied and not numbers
        (kept if is_kept else struck).append(printable(sentence))
        untold += [printable(number) for number in numbers]
    words = _joined(kept) or role.own_words
    return Speech(role.party, role.is_satisfied, words, bool(kept), tuple(struck), tuple(dict.fromkeys(untold)))


def _joined(sentences: list[str]) -> str:
    """Sentences in a row, with a space after a Latin full stop alone."""
    return "".join(one + (" " if one[-1].isascii() else "") for one in sentences).strip()


def _said(answer: str) -> dict[str, _Said] | None:
    try:
        content = json.loads(answer)
        said = {name: _Said.model_validate(one) for name, one in content.items()}
    except (ValueError, AttributeError, RecursionError, ValidationError):
        return None
    return said if set(said) == set(PARTIES) else None
