"""Ids that name runs, plans and documents: they become file names, parts of addresses and words on a page."""

from __future__ import annotations

import re

ID_RULE = "letters, digits, dot, hyphen and underscore"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def is_id(text: str) -> bool:
    """Whether the text is an id: it leads nowhere as a path, and is no markup."""
    return bool(_ID.fullmatch(text)) and ".." not in text
