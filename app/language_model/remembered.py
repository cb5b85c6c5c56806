"""Answers of a language model, remembered by what was asked, so that a command can be repeated without asking again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from app.files.atomic import new_file, write_json
from app.language_model.chat import Answer
from data.errors import InputError

FOLDER_VARIABLE = "RENEWAL_MODEL_CACHE"
LARGEST = 4_000_000
"""Bytes of a file that is read back."""


def answers_folder() -> Path:
    """$RENEWAL_MODEL_CACHE, else a folder in $XDG_CACHE_HOME or ~/.cache."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "urban-renewal-simulator" / "model"


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 of what is sent; neither address nor key is in it, so answers can be handed on."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def remembered(folder: Path, body: dict[str, Any]) -> Answer | None:
    """The answer to a request; None where it is not remembered, or what is there is not of this form."""
    path = folder / f"{digest_of(body)}.json"
    try:
        if path.stat().st_size > LARGEST:
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        is_same, content, tokens = kept["request"] == body, kept["answer"], kept["tokens"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if not is_same or not isinstance(content, str) or not isinstance(tokens, int):
        return None
    return Answer(content, tokens)


def remember(folder: Path, body: dict[str, Any], answer: Answer) -> None:
    """Keep an answer; where the disk refuses, it is asked again another time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with new_file(folder / f"{digest_of(body)}.json") as draft:
            write_json(draft, {"request": body, "answer": answer.content, "tokens": answer.tokens})
    except (OSError, InputError):
        return
