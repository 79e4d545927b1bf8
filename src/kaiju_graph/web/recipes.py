"""Configurations of other servers, so that the IRIs of a dataset lead to ``kaiju serve``.

``w3id.org`` redirects persistent IRIs by an ``.htaccess`` file in its repository; nginx and Caddy
stand in front of the server, for TLS and for the port of the web.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from kaiju_graph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RECIPES", "Place", "write"]

W3ID = "https://w3id.org/"
HOST = re.compile(r"((?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")
PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
"""The hosts, with or without a port, and paths that no configuration reads as anything else."""
BODY = "1m"
"""How long the body of a request may be, as for the server."""
MORE, DAY = 30, 86_400
"""Seconds that a reply may take beyond the limit of a query, and where there is none."""


class Place(NamedTuple):
    """Where a server is: the address that clients use, where it listens, how long a query takes."""

    base: str
    """Without a slash at its end."""
    host: str
    port: int
    seconds: float
    """The limit of a query; 0 is none."""

    @property
    def patience(self) -> int:
        """How many seconds a reply may take."""
        return round(self.seconds) + MORE if self.seconds else DAY

    @property
    def upstream(self) -> str:
        """The address where the server in front finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def write(name: str, place: Place, space: Callable[[], str]) -> str:
    """Return a recipe.

    Args:
        name: one of ``RECIPES``.
        place: where the server is.
        space: returns the beginning of the IRIs of the dataset's things.

    Raises:
        UsageError: the base has a host or path that a configuration could read as something else,
            or the dataset has no IRIs at w3id.org.
    """
    parts = urlsplit(place.base)
    if not (HOST.fullmatch(parts.netloc) and PATH.fullmatch(parts.path)):
        plain = "a host and path of letters, digits and -._~"
        raise UsageError(f"--base: found {place.base!a}; expected {plain}")
    return RECIPES[name](place, space)


def _w3id(place: Place, space: Callable[[], str]) -> str:
    namespace = space()
    if not namespace.startswith(W3ID) or not namespace.endswith("/"):
        raise UsageError(f"--recipe: found the namespace {namespace}; expected one below {W3ID}")
    folder = namespace.removeprefix(W3ID)
    return f"""\
# {namespace} leads to {place.base}/, which answers by Accept.
# To be {folder}.htaccess in https://github.com/perma-id/w3id.org, with a README.md beside it that
# says whom to ask.
Options -MultiViews
RewriteEngine on
RewriteRule ^(.*)$ {place.base}/$1 [R=303,L]
"""


def _nginx(place: Place, _: Callable[[], str]) -> str:
    parts = urlsplit(place.base)
    port = parts.port or 80
    found = HOST.fullmatch(parts.netloc)
    name = found[1] if found else ""
    tls = f"certbot --nginx -d {name}"
    note = f"    # For TLS: {tls}\n" if parts.scheme == "https" else ""
    slash = "/" if parts.path else ""
    return f"""\
# In front of: {_command(place)}
server {{
    listen {port};
    listen [::]:{port};
    server_name {name};
{note}\
    client_max_body_size {BODY};
    large_client_header_buffers 4 64k;

    location {parts.path}/ {{
        proxy_pass http://{place.upstream}{slash};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Connection "";
        proxy_read_timeout {place.patience}s;
    }}
}}
"""


def _caddy(place: Place, _: Callable[[], str]) -> str:
    parts = urlsplit(place.base)
    site = place.base.removesuffix(parts.path) if parts.path else place.base
    return f"""\
# In front of: {_command(place)}
{site} {{
    request_body {{
        max_size {BODY}B
    }}
    handle_path {parts.path}/* {{
        reverse_proxy {place.upstream} {{
            transport http {{
                response_header_timeout {place.patience}s
            }}
        }}
    }}
}}
"""


def _command(place: Place) -> str:
    return f"kaiju serve --host {place.host} --port {place.port} --base {place.base}"


RECIPES: dict[str, Callable[[Place, Callable[[], str]], str]] = {
    "w3id": _w3id,
    "nginx": _nginx,
    "caddy": _caddy,
}
"""Name → the function that writes the recipe."""
