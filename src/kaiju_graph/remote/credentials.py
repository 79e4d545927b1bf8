"""The credentials for an endpoint, from the environment or netrc; they are never shown.

``KAIJU_ENDPOINT_TOKEN`` is a bearer token (RFC 6750). ``KAIJU_ENDPOINT_USER`` and
``KAIJU_ENDPOINT_PASSWORD``, or else the entry of the host in the file that ``NETRC`` names
(``~/.netrc``), answer the challenge of the server: Basic (RFC 7617) or Digest (RFC 7616).
"""

from __future__ import annotations

import os
from base64 import b64encode
from typing import TYPE_CHECKING

import httpx

from kaiju_graph.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Credentials", "find_credentials"]

TOKEN, USER, PASSWORD = (f"KAIJU_ENDPOINT_{name}" for name in ("TOKEN", "USER", "PASSWORD"))


class Credentials(httpx.Auth):
    """Sends a token with each request, or a user and a password when the server asks for them."""

    def __init__(self, token: str = "", user: str = "", password: str = "") -> None:
        """Take a token, or a user and a password; nothing sends nothing."""
        self.token, self.user, self.password = token, user, password
        self._scheme: httpx.Auth | None = None

    def __bool__(self) -> bool:
        return bool(self.token or self.user)

    def __repr__(self) -> str:
        return "<credentials>"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request; answer one challenge, and begin with that scheme the next time."""
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
            yield request
            return
        if self._scheme is not None:
            yield from self._scheme.auth_flow(request)
            return
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED or not self.user:
            return
        # The strongest scheme first (RFC 7616, section 3.7).
        challenges = response.headers.get("WWW-Authenticate", "").lower()
        if "digest" in challenges:
            # It reads the challenge from the response to its own first request.
            self._scheme = httpx.DigestAuth(self.user, self.password)
        elif "basic" in challenges:
            self._scheme = httpx.BasicAuth(self.user, self.password)
        else:
            return
        yield from self._scheme.auth_flow(request)

    def hide(self, text: str) -> str:
        """Return a text without the secrets, which a server may repeat."""
        pair = b64encode(f"{self.user}:{self.password}".encode()).decode()  # as Basic sends it
        for secret in (self.token, self.password, pair):
            if secret:
                text = text.replace(secret, "…")
        return text


def find_credentials(host: str) -> Credentials:
    """Return the credentials for a host.

    Raises:
        UsageError: a variable of the environment has a character that no header can hold.
        UnreachableError: the netrc file cannot be read.
    """
    token, user, password = (os.environ.get(name, "") for name in (TOKEN, USER, PASSWORD))
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{TOKEN}: found a character that no token has; expected ASCII")
    if token or user:
        return Credentials(token, user, password)
    return _read_netrc(host)


def _read_netrc(host: str) -> Credentials:
    from netrc import NetrcParseError, netrc

    path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    if not os.path.isfile(path):
        return Credentials()
    try:
        entry = netrc(path).authenticators(host)
    except NetrcParseError as error:  # its message may repeat a part of the file
        line = error.lineno
        raise UnreachableError(f"{path}:{line}: found no entry; expected that of netrc") from None
    except (OSError, UnicodeDecodeError):
        raise UnreachableError(f"{path}: cannot be read") from None
    return Credentials("", entry[0], entry[2] or "") if entry else Credentials()
