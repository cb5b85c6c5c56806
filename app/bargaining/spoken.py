"""What the parties of a plan say in the words of a language model, village by village."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from agents.stakeholders.speeches import ANSWER_TOKENS, Role, Speech, is_answer, question, roles, speeches
from app.bargaining.bargained_plan import BargainedPlan
from app.language_model.chat import ModelFailure
from app.language_model.conversation import Conversation
from data.catalogue import Message, text
from data.dictionary import table_columns


@dataclass(frozen=True)
class Spoken:
    """What was said.

    Attributes:
        language: en or zh.
        speeches: of the parties by village, in the order of the projects.
        conversation: with the model.
        n_failed: projects for which it gave no answer.
        failure: why, the first time; None where it always did.
    """

    language: str
    speeches: dict[str, tuple[Speech, ...]]
    conversation: Conversation
    n_failed: int
    failure: Message | None


def speak(bargained: BargainedPlan, conversation: Conversation, language: str) -> Spoken:
    """Let a language model speak for the parties; where it does not answer, they speak for themselves.

    A model that cannot be reached is not asked again for the next village; one that answers in a wrong form is.

    Args:
        bargained: the plan.
        conversation: with the model.
        language: en or zh.
    """
    said, failures, is_silent = dict[str, tuple[Speech, ...]](), list[Message](), False
    for project, village_id in enumerate(bargained.projects.village_ids):
        told = roles(bargained.negotiation, project, language)
        if not told:
            continue
        answer = None
        try:
            answer = None if is_silent else _asked(told, conversation, language)
        except ModelFailure as failure:
            failures.append(failure.message)
            is_silent = failure.message.key != "model_answer_form"
        said[village_id] = speeches(told, answer)
    n_failed = sum(not any(one.is_of_model or one.struck for one in of_village) for of_village in said.values())
    return Spoken(language, said, conversation, n_failed, failures[0] if failures else None)


def _asked(told: tuple[Role, ...], conversation: Conversation, language: str) -> str:
    return conversation.ask(question(told, language), answer_tokens=ANSWER_TOKENS, is_answer=is_answer)


def statements_frame(spoken: Spoken) -> pd.DataFrame:
    """A row for each party of each village."""
    rows = [
        {
            "village_id": village_id,
            "party": one.party,
            "language": spoken.language,
            "satisfied": one.is_satisfied,
            "statement": one.words,
            "by_model": one.is_of_model,
            "struck_out": " | ".join(one.struck),
            "numbers_not_told": " | ".join(one.untold),
        }
        for village_id, of_village in spoken.speeches.items()
        for one in of_village
    ]
    return pd.DataFrame(rows, columns=list(table_columns("bargain", "statements")))


def speech_lines(spoken: Spoken, village_id: str) -> Iterator[str]:
    """What the parties of a village say, and what was struck out, below a heading."""
    if village_id in spoken.speeches:
        yield text("speech_heading", spoken.language, model=spoken.conversation.endpoint.model)
    for one in spoken.speeches.get(village_id, ()):
        verdict = text("bargain_satisfied" if one.is_satisfied else "bargain_not_satisfied", spoken.language)
        party = text(f"bargain_party_{one.party}", spoken.language)
        yield text("speech_line", spoken.language, party=party, verdict=verdict, words=one.words)
        yield from (text("speech_struck", spoken.language, sentence=sentence) for sentence in one.struck)


def spoken_summary(spoken: Spoken) -> Iterator[str]:
    """How many statements are the model's, what was struck out, what it used, and why it was silent."""
    said = [one for of_village in spoken.speeches.values() for one in of_village]
    exchanges = spoken.conversation.exchanges
    n_remembered = sum(one.is_remembered for one in exchanges)
    yield text(
        "speech_summary",
        spoken.language,
        n=sum(one.is_of_model for one in said),
        of=len(said),
        model=spoken.conversation.endpoint.model,
        struck=sum(len(one.struck) for one in said),
        asked=len(exchanges) - n_remembered,
        remembered=n_remembered,
        tokens=spoken.conversation.tokens,
    )
    if spoken.failure is not None:
        yield text("speech_failed", spoken.language, n=spoken.n_failed, why=spoken.failure)
