"""A command's conversation with a language model: remembered answers first, tries, tokens, and what was said."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.language_model.chat import Answer, ModelFailure, Turn, ask_once, body_of, most_tokens
from app.language_model.endpoint import Endpoint, Limits, endpoint_of_environment, limits_of_environment
from app.language_model.remembered import answers_folder, digest_of, remember, remembered
from data.catalogue import message

TRANSCRIPT_FILE = "transcript.jsonl"


@dataclass(frozen=True)
class Exchange:
    """A question and what came of it.

    Attributes:
        request: as it was sent, without address and key.
        answer: as it was said; "" where there was none.
        failure: why there was none, in English.
        is_remembered: whether nobody was asked.
        tokens: that it used.
    """

    request: dict[str, Any]
    answer: str
    failure: str
    is_remembered: bool
    tokens: int

    def as_line(self) -> dict[str, Any]:
        """For a transcript."""
        about = {"digest": digest_of(self.request), "remembered": self.is_remembered, "tokens": self.tokens}
        return {**about, "request": self.request, "answer": self.answer, "failure": self.failure}


@dataclass
class Conversation:
    """What a command asks of a language model.

    Attributes:
        endpoint: that is asked.
        limits: of all of it.
        folder: of remembered answers.
        exchanges: so far.
        tokens: used so far, those that failed tries may have used among them.
    """

    endpoint: Endpoint
    limits: Limits
    folder: Path
    exchanges: list[Exchange] = field(default_factory=list)
    tokens: int = 0

    def ask(self, turns: Sequence[Turn], *, answer_tokens: int, is_answer: Callable[[str], bool]) -> str:
        """The answer to a question, remembered or asked for.

        Args:
            turns: of the conversation until now.
            answer_tokens: the most of an answer.
            is_answer: whether an answer is of the form that is wanted; no other is remembered.

        Raises:
            ModelFailure: no answer within the limits, or none of that form.
        """
        body = body_of(self.endpoint.model, turns, answer_tokens)
        kept = remembered(self.folder, body)
        if kept is not None and is_answer(kept.content):
            self.exchanges.append(Exchange(body, kept.content, "", is_remembered=True, tokens=0))
            return kept.content
        n_tries = 0
        while True:
            try:
                return self._asked(body, is_answer)
            except ModelFailure as failure:
                n_tries += 1
                if not failure.may_pass or n_tries >= self.limits.tries:
                    raise
            time.sleep(self.limits.pause_s * 2 ** (n_tries - 1))

    def _asked(self, body: dict[str, Any], is_answer: Callable[[str], bool]) -> str:
        """One try, written down whatever comes of it."""
        content, used = "", 0
        try:
            answer = self._answer(body)
            content, used = answer.content, answer.tokens
            if not is_answer(content):
                raise ModelFailure(message("model_answer_form"), may_pass=True)
        except ModelFailure as failure:
            self.exchanges.append(Exchange(body, content, str(failure), is_remembered=False, tokens=used))
            raise
        remember(self.folder, body, answer)
        self.exchanges.append(Exchange(body, content, "", is_remembered=False, tokens=used))
        return content

    def _answer(self, body: dict[str, Any]) -> Answer:
        if self.endpoint.address is None:
            raise ModelFailure(message("model_not_remembered"))
        if self.tokens + most_tokens(body) > self.limits.tokens:
            raise ModelFailure(message("model_tokens", most=self.limits.tokens))
        try:
            answer = ask_once(self.endpoint, self.endpoint.address, body, self.limits)
        except ModelFailure:
            self.tokens += most_tokens(body)
            raise
        self.tokens += answer.tokens
        return answer


def write_transcript(path: Path, conversation: Conversation) -> None:
    """Everything that was asked and said, a line of JSON for each try."""
    lines = (json.dumps(one.as_line(), ensure_ascii=False) for one in conversation.exchanges)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def conversation_of_environment() -> Conversation:
    """With the model that the environment names.

    Raises:
        InputError: it names none, or one that cannot be asked.
    """
    return Conversation(endpoint_of_environment(), limits_of_environment(), answers_folder())
