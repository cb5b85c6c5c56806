"""Sign-in through OpenID Connect, where the secrets of Streamlit have a section [auth]; docs/security.md."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from app.web.shell.session import say
from data.errors import refuse


def require_sign_in() -> bool:
    """Whether the page may be shown; else the button that leads to the provider stands in its place.

    Raises:
        InputError: there are secrets that cannot be read, or Authlib is not installed: then nothing is shown.
    """
    if not is_sign_in_wanted():
        return True
    if find_spec("authlib") is None or find_spec("httpx") is None:
        raise refuse("sign_in_extra_missing", layer="auth")
    if st.user.is_logged_in:
        if st.sidebar.button(say("sign_out"), key="sign_out"):
            st.logout()
        return True
    st.title(say("room_title"))
    if st.button(say("sign_in"), key="sign_in", type="primary"):
        st.login()
    return False


def is_sign_in_wanted() -> bool:
    """Whether secrets have a section [auth]; secrets that cannot be read are not taken for none.

    Raises:
        InputError: there are secrets that cannot be read.
    """
    files = [str(path) for path in st.get_option("secrets.files")]
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        present = [path for path in files if Path(path).exists()]
        if present:
            raise refuse("secrets_unreadable", file=present[0]) from None
        return False
