"""As whom a visitor may sign: what the sign-in says, where there is one; else a typed name that nobody vouches for.

The secrets' section [signatories] lists who may sign in which role:
`technical = ["a@example.org"]`, `public = ["b@example.org"]` (docs/record.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from app.record.entries import Person, Role, checked_name
from app.web.shell.sign_in import is_sign_in_wanted


@dataclass(frozen=True)
class Signatory:
    """A visitor as one who may sign.

    Attributes:
        person: by their sign-in; None = they type a name.
        roles: in which they may sign.
    """

    person: Person | None
    roles: tuple[Role, ...]


def visiting_signatory() -> Signatory:
    """Who is at this page.

    Raises:
        InputError: the sign-in gives no name, or the secrets cannot be read.
    """
    if not is_sign_in_wanted():
        return Signatory(None, tuple(Role))
    said = {name: str(st.user.get(name) or "") for name in ("name", "email", "sub")}
    unverified = st.user.get("email_verified") is False
    identity = (said["sub"] if unverified else said["email"]) or said["sub"]
    name = checked_name(said["name"] or said["email"] or said["sub"])
    lists = st.secrets.get("signatories")
    if not isinstance(lists, Mapping):
        return Signatory(Person(name=name, identity=identity or None, verified=True), tuple(Role))
    roles = tuple(role for role in Role if _is_listed(identity, lists.get(str(role), ())))
    return Signatory(Person(name=name, identity=identity or None, verified=True, role_verified=True), roles)


def _is_listed(identity: str, listed: object) -> bool:
    names = listed if isinstance(listed, list | tuple) else [listed]
    return bool(identity) and identity.casefold() in {str(name).casefold() for name in names}
