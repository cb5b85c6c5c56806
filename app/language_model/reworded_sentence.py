"""A sentence of which a language model puts into other words what the grammar did not understand."""

from __future__ import annotations

from app.language_model.chat import ModelFailure
from app.language_model.conversation import Conversation
from data.catalogue import text
from data.sentences.reading import Reading
from data.sentences.rewording import ANSWER_TOKENS, question, reworded, rewordings, to_reword
from data.sentences.tokens import Places


def read_with_model(reading: Reading, places: Places, conversation: Conversation, language: str) -> tuple[Reading, str]:
    """Ask for other words where the grammar lacks them; nobody is asked where it does not.

    Args:
        reading: by the grammar alone.
        places: names of the city's villages and districts.
        conversation: with the model.
        language: en or zh.

    Returns:
        The reading, and what is told of the model's part; "" where it was not asked.
    """
    asked = to_reword(reading)
    if not asked:
        return reading, ""
    try:
        answer = conversation.ask(
            question(reading, language),
            answer_tokens=ANSWER_TOKENS,
            is_answer=lambda content: rewordings(content) is not None,
        )
    except ModelFailure as failure:
        return reading, text("rewording_failed", language, why=failure.message)
    read = reworded(reading, rewordings(answer) or (), places)
    n = len(asked) - len(to_reword(read))
    told = text("rewording_told", language, n=n, of=len(asked), model=conversation.endpoint.model)
    return read, told
