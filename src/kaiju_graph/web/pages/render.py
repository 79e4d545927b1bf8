"""Render templates: every text is escaped, every link relative to its page."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kaiju_graph.sparql.results import printable
from kaiju_graph.web.pages.addresses import relative

if TYPE_CHECKING:
    from kaiju_graph.web.pages.content import Content

__all__ = ["POLICY", "Renderer"]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'"
)
"""The Content-Security-Policy: nothing comes from elsewhere, and no script stands in a page."""


class Renderer:
    """Renders the templates of a site."""

    def __init__(
        self, content: Content, base: str = "", *, is_live: bool = False, query_page: str = ""
    ) -> None:
        self.content = content
        self.base = base
        self.environment = Environment(
            loader=PackageLoader(__package__ or "", "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=_visible,
        )
        self.environment.globals |= {
            "policy": POLICY,
            "as_data": _as_data,
            "is_live": is_live,
            "query_page": query_page,
            "site": content.title,
            "dataset": content.dataset,
            "license": content.link(content.dataset.license) if content.dataset else None,
            "articles": [content.link(article.node) for article in content.articles],
        }

    def __call__(self, address: str, template: str, **values: Any) -> bytes:
        """Return a page as UTF-8."""
        canonical = f"{self.base}{address}" if self.base else ""
        text = self.environment.get_template(f"{template}.html").render(
            here=address, to=partial(relative, address), canonical=canonical, **values
        )
        return text.encode()


def _as_data(text: str) -> Markup:
    """Return JSON as the content of a script element, which no text in it can close.

    An element of script ends at ``</script``, and ``<!--`` changes where (HTML, 13.2.5.4); in JSON,
    ``<`` stands in strings only.
    """
    short = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return Markup(short.replace("<", r"\u003c"))  # noqa: S704 (nothing in it is markup)


def _visible(value: Any) -> Any:
    """Return a text with the characters escaped that control a screen or reorder text."""
    if isinstance(value, str) and not isinstance(value, Markup) and not value.isprintable():
        return printable(value)
    return value
