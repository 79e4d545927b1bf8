"""Settings: the values of options that a file gives, for calls that do not.

A project may come from a stranger. So its file cannot name an endpoint, a folder outside of its
own, or limits above the usual ones; the user's own file can.
"""

import os
from typing import Any, NamedTuple

from kaiju_graph.errors import InputError
from kaiju_graph.project import location
from kaiju_graph.sparql import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "FREE",
    "SETTINGS",
    "Setting",
    "Settings",
    "check_endpoint",
    "find_root",
    "read_settings",
]

FREE = ("cache", "complete", "completion", "config", "help", "init", "version")
"""Commands that take no settings, so that a wrong one does not stop them."""
MAX_BYTES = 2**20
"""How many bytes a file with settings may have."""
LARGEST = 2**63
"""The first integer that TOML cannot have."""


class _File(NamedTuple):
    path: str
    is_own: bool
    """Whether it is the user's own file, not that of a project."""


class Setting(NamedTuple):
    """A setting, which has the name of its option."""

    read: "Callable[[Any, _File], Any]"
    """Returns the value that a file means; raises ``ValueError`` with what is expected."""
    about: str
    """What it sets, for the help."""
    default: str
    """What counts where nothing sets it, for people."""
    commands: "tuple[str, ...]" = ()
    """The commands that it is for; none means all."""


class Settings(NamedTuple):
    """The settings that files give; None is one that no file gives."""

    root: str | None = None
    format: str | None = None
    endpoint: str | None = None
    timeout: float | None = None
    max_memory: float | None = None
    language: str | None = None
    places: "Mapping[str, str]" = {}  # noqa: RUF012 (it is never changed)
    """Setting → the file and line that give it."""


def read_settings(files: "tuple[str, str] | None" = None) -> Settings:
    """Return the settings of the project's file and, where it has none, of the user's.

    Args:
        files: these files, or "" for none; None looks for them.

    Raises:
        InputError: a file is not valid; the message begins with the file and the line.
        SourceError: the project's file is a link out of its folder, or not a regular file.
        LimitError: a file is too long.
        OSError: a file cannot be read.
    """
    project, own = files or location.settings_files()
    values: dict[str, Any] = {}
    places = {}
    for file in (_File(own, is_own=True), _File(project, is_own=False)):
        for key, value, place in _read_file(file) if file.path else ():
            values[key.replace("-", "_")], places[key] = value, place
    return Settings(**values, places=places)


def find_root(root: str | None, settings: Settings) -> str | None:
    """Return the folder of the project that an option or a setting names; None looks for it.

    The setting counts where neither the environment nor a parent folder is a project.

    Raises:
        UnreachableError: the setting names no project.
    """
    if settings.root is None or not location.is_bundled(root):
        return root
    location.check_project(settings.root, settings.places["root"])
    return settings.root


def _read_root(value: Any, file: _File) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("expected a folder")
    folder = os.path.dirname(file.path)
    path = os.path.normpath(os.path.join(folder, os.path.expanduser(value)))
    inside = os.path.join(os.path.realpath(folder), "")
    if not file.is_own and not os.path.join(os.path.realpath(path), "").startswith(inside):
        raise ValueError(f"expected a folder inside {folder}")
    return path


def _read_format(value: Any, _: _File) -> str:
    from kaiju_graph.sparql import results

    if (
        not isinstance(value, str)
        or (name := results.ALIASES.get(value, value)) not in results.FORMATS
    ):
        raise ValueError(f"expected one of {', '.join(results.FORMATS)}")
    return name


def _read_endpoint(value: Any, file: _File) -> str:
    if not file.is_own:
        raise ValueError(f"expected it in your own file, {location.own_settings()}")
    return check_endpoint(value)


def check_endpoint(value: Any) -> str:
    """Return a value that is the URL of an endpoint, as far as it shows without ``httpx``.

    Raises:
        ValueError: it is not, or it has a password; the message says what is expected.
    """
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("expected a URL of http or https")
    if "@" in value.split("/")[2]:
        raise ValueError(
            "expected no credentials in the URL; KAIJU_ENDPOINT_USER or netrc has them"
        )
    return value


def _limit(most: float) -> "Callable[[Any, _File], float]":
    """Return the reader of a limit, which is not above the usual one for a project."""

    def read(value: Any, file: _File) -> float:
        if type(value) not in (int, float) or not 0 <= value < LARGEST:
            raise ValueError("expected a positive number, or 0 for no limit")
        if not file.is_own and not 0 < value <= most:
            raise ValueError(f"expected a limit of at most {most:g}; only your own file lifts it")
        number: float = value
        return number

    return read


def _read_language(value: Any, _: _File) -> str:
    import re

    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", value):
        raise ValueError("expected a tag such as en")
    return value


SETTINGS = {
    "root": Setting(_read_root, "the project, where no parent folder is one", "the bundled copy"),
    "format": Setting(
        _read_format, "the format of rows", "table on a terminal, else csv", ("ask", "query")
    ),
    "endpoint": Setting(
        _read_endpoint,
        "the endpoint to ask; only in your own file",
        "none",
        ("ask", "query", "describe", "search", "why"),
    ),
    "timeout": Setting(
        _limit(limits.SECONDS),
        "the limit of seconds",
        f"{limits.SECONDS:g}, and {limits.QUERY_SECONDS:g} for a query",
    ),
    "max-memory": Setting(_limit(limits.MEBIBYTES), "the limit of MiB", f"{limits.MEBIBYTES:g}"),
    "language": Setting(_read_language, "the language of a new article", "en", ("new",)),
}
"""Name of a setting, and of its option → what it is."""


def _read_file(file: _File) -> "Iterator[tuple[str, Any, str]]":
    """Yield each setting of a file, its value, and its place."""
    root = None if file.is_own else os.path.dirname(file.path)
    content = location.read_regular(file.path, file.path, root=root, limit=MAX_BYTES)
    text = _decode(content, file.path)
    for key, value in _parse(text, file.path).items():
        place = f"{file.path}:{_find_line(text, key)}"
        if key not in SETTINGS:
            from kaiju_graph.project.spelling import did_you_mean

            hint = did_you_mean(key, SETTINGS) or f"; expected one of {', '.join(SETTINGS)}"
            raise InputError(f"{place}: found the setting {key!r}{hint}")
        try:
            yield key, SETTINGS[key].read(value, file), place
        except ValueError as error:
            # An endpoint may have a password.
            found = key if key == "endpoint" else f"{key} = {_show(value)}"
            raise InputError(f"{place}: found {found}; {error}") from None


def _decode(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"found byte {content[error.start]:#x}; expected UTF-8"
        raise InputError(f"{path}:{line}: {found}") from None


def _parse(text: str, path: str) -> "dict[str, Any]":
    """Return the table of settings in a text."""
    import re
    import tomllib

    try:
        table: Any = tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{path}:1: found values nested too deeply; expected settings") from None
    except ValueError as error:
        reason, _, rest = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", rest)
        number = line[1] if line else text.count("\n") + 1
        raise InputError(f"{path}:{number}: {reason}; expected TOML") from None
    if os.path.basename(path) != location.SETTINGS_FILE:
        tools = table.get("tool")
        table = tools.get("kaiju", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        line_number = _find_line(text, "kaiju")
        raise InputError(f"{path}:{line_number}: found no table tool.kaiju; expected [tool.kaiju]")
    return table


def _find_line(text: str, key: str) -> int:
    """Return the line where a setting begins: the first that looks so, in its table."""
    import re

    lines = text.splitlines()
    table = location.TABLE.decode()
    start = next((n for n, line in enumerate(lines) if line.strip().startswith(table)), 0)
    pattern = re.compile(rf"""[\s\["']*(tool\.kaiju\.)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    found = (n for n, line in enumerate(lines) if n >= start and pattern.match(line))
    return next(found, start) + 1


def _show(value: Any) -> str:
    """Return a value as TOML has it, as far as a message needs it."""
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, int) and abs(value) >= LARGEST:
        return "a number of more than 64 bits"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value).lower()
