"""``kaiju config``: the settings, and where each comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph.cli import ENDPOINT
from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process
from kaiju_graph.cli.config import SETTINGS, check_endpoint, find_root, read_settings
from kaiju_graph.cli.options import add_format

if TYPE_CHECKING:
    from kaiju_graph.cli.config import Setting, Settings

__all__ = ["EPILOG", "add_options", "run"]


def _row(name: str, setting: Setting) -> str:
    commands = f" ({', '.join(setting.commands)})" if setting.commands else ""
    return f"  {name:12}{setting.about}{commands}"


EPILOG = """example:
  kaiju config -f json

settings, in kaiju.toml, or in pyproject.toml under [tool.kaiju]:
{}

What counts first: an option; the environment (KAIJU_ROOT, KAIJU_ENDPOINT); the file of the project,
the nearest in the working folder and its parents; your own file, kaiju-graph/kaiju.toml in
XDG_CONFIG_HOME or ~/.config. A project may be a stranger's, so its file cannot set an endpoint, a
root outside of its folder, or a limit above the default.

The exit code is 3 if a file is not TOML or a setting is unknown or not valid, and 4 if a file
cannot be read or the root is not a project.""".format(
    "\n".join(map(_row, SETTINGS, SETTINGS.values()))
)


class _Value(NamedTuple):
    """The value of a setting, and what gives it; None is the default."""

    value: Any
    origin: str


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser, "text", "json")


def run(options: Namespace, _: Process) -> Outcome:
    """Show each setting, its value and its origin."""
    from kaiju_graph.cli.render.text import json_text

    settings = read_settings()
    values = {name: _find_value(name, options, settings) for name in SETTINGS}
    values["root"] = _find_root(options, settings)
    if options.format == "json":
        return Outcome(json_text({name: found._asdict() for name, found in values.items()}))
    texts = {
        name: SETTINGS[name].default if found.value in (None, "") else str(found.value)
        for name, found in values.items()
    }
    width = max(map(len, texts.values())) + 2
    lines = (f"{name:12}{texts[name]:{width}}{found.origin}\n" for name, found in values.items())
    return Outcome("".join(lines))


def _find_value(name: str, options: Namespace, settings: Settings) -> _Value:
    """Return the value of a setting, from what counts first."""
    field = name.replace("-", "_")
    given = None if name == "format" else getattr(options, field, None)  # it is that of this text
    if given is not None:
        return _Value(given, f"--{name}")
    if name == "endpoint" and ENDPOINT in os.environ:
        return _Value(_read_variable(), ENDPOINT)
    value = getattr(settings, field)
    return _Value(value, "default" if value is None else settings.places[name])


def _read_variable() -> str:
    """Return the endpoint that the environment names.

    Raises:
        UsageError: it is no URL, or has a password, which is not shown.
    """
    from kaiju_graph.errors import UsageError

    value = os.environ[ENDPOINT]
    try:
        return value and check_endpoint(value)
    except ValueError as error:
        raise UsageError(f"{ENDPOINT}: {error}") from None


def _find_root(options: Namespace, settings: Settings) -> _Value:
    """Return the folder of the project, and what gives it.

    Raises:
        UnreachableError: an option, the environment or a setting names no project.
    """
    from kaiju_graph.project import location

    root = find_root(options.root, settings)
    if options.root is not None:
        origin = "--root"
    elif root is not None:
        origin = settings.places["root"]
    elif os.environ.get("KAIJU_ROOT"):
        origin = "KAIJU_ROOT"
    else:
        origin = "bundled copy" if location.is_bundled() else "nearest project"
    return _Value(location.locate(root), origin)
