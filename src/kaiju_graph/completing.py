"""Stage 13, beside commands: words typed so far → how the last of them may go on.

The script that ``kaiju completion SHELL`` prints calls ``kaiju complete SHELL INDEX WORD...`` at
each press of the key, so nothing is read here but what the cache has, and rdflib is not imported.
What the command takes is asked of its own parser.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph import cache, project
from kaiju_graph.errors import KaijuError
from kaiju_graph.parsing import INTERNAL

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kaiju_graph.parsing import Parser

__all__ = ["SCRIPTS", "complete"]

BASH = r"""_kaiju() {
    local found
    COMPREPLY=()
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <(kaiju complete bash "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
    if [[ ${COMPREPLY[0]-} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o default -F _kaiju kaiju
"""
ZSH = r"""#compdef kaiju
_kaiju() {
    local -a found
    found=("${(@f)$(kaiju complete zsh $((CURRENT - 1)) "${(@Q)words}" 2>/dev/null)}")
    if [[ -z ${found[1]} ]]; then
        _files
    elif [[ ${found[1]} == *= ]]; then
        compadd -U -S '' -a found
    else
        compadd -U -a found
    fi
}
compdef _kaiju kaiju
"""
FISH = r"""function __kaiju_complete
    set -l before (commandline -opc)
    set -l found (kaiju complete fish (count $before) $before (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c kaiju -f -a '(__kaiju_complete)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""Shell → what makes it complete the command."""

BREAK = re.compile("[:=]+")
"""Words that bash makes of what stands between two others without a space."""
SPECIAL = {
    "": re.compile(r"""([\s\\'"`$&|;<>(){}\[\]*?!#~])"""),
    '"': re.compile(r"""(["`$\\])"""),
}
"""Open quotation mark → what needs a backslash in it (POSIX Shell Command Language, 2.2)."""


class _Typed(NamedTuple):
    """A word as it is meant, and how its beginning is typed."""

    text: str
    head: str = ""
    """What of it the shell takes for words of their own, and leaves as it is."""
    quote: str = ""
    """The quotation mark that is open."""


def complete(parser: Parser, shell: str, index: int, words: Sequence[str]) -> list[str]:
    """Return how a word of a command line may go on, as the shell needs it, sorted.

    Args:
        parser: knows the commands and their options.
        shell: one of ``SCRIPTS``; bash hands over words as they are typed, with quotes.
        index: which word; 0 is the command's name.
        words: the words; those behind the index do not matter.
    """
    typed = [*words[: index + 1], *[""] * (index + 1 - len(words))]
    if shell != "bash":
        *before, text = typed
        return sorted(set(_candidates(parser, before[1:], text)))
    *before_typed, last = _glued(typed)
    before = [word.text for word in before_typed[1:]]
    found = set()
    for text in _candidates(parser, before, last.text):
        if _folded(text[: len(last.head)]) == _folded(last.head):
            found.add(_quoted(text[len(last.head) :], last.quote))
    return sorted(found)


def _glued(words: Sequence[str]) -> list[_Typed]:
    """Undo that bash takes ``:`` and ``=`` for words, and undo quotation marks."""
    found: list[_Typed] = []
    glue = False
    for word in words:
        is_break = bool(BREAK.fullmatch(word))
        text, quote = _unquoted(word)
        if found and (glue or is_break):
            before = found.pop().text
            head = before + text if is_break else before
            found.append(_Typed(before + text, head, quote))
        else:
            found.append(_Typed(text, "", quote))
        glue = is_break
    return found


def _unquoted(word: str) -> tuple[str, str]:
    """Return a word without quotation marks and backslashes, and the mark that is still open."""
    text, quote, escaped = [], "", False
    for sign in word:
        if escaped:
            text.append(sign)
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif sign == quote:
            quote = ""
        elif sign in "'\"" and not quote:
            quote = sign
        else:
            text.append(sign)
    return "".join(text), quote


def _quoted(text: str, quote: str) -> str:
    """Return a text as bash reads it behind an open quotation mark, or behind none."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return SPECIAL[quote].sub(r"\\\1", text)


def _candidates(parser: Parser, before: Sequence[str], text: str) -> Iterator[str]:
    """Yield the words that begin like a text and may stand after others."""
    waiting, positional = None, parser.positionals
    root, name = None, None
    for word in before:
        if waiting is not None:
            root = word if waiting.dest == "root" else root
            waiting = None
        elif word.startswith("-"):
            option, equals, _ = word.partition("=")
            action = parser.option(option)
            waiting = action if action and action.nargs is None and not equals else None
        elif word in parser.commands:
            parser = parser.commands[word]
            positional = parser.positionals
        elif positional:
            name = name or word
            positional = positional if positional[0].nargs == "+" else positional[1:]
    option, equals, value = text.partition("=")
    if waiting is not None:
        yield from _values(waiting, root, name, text)
    elif equals and (action := parser.option(option)):
        yield from (f"{option}={found}" for found in _values(action, root, name, value))
    elif text.startswith("-"):
        yield from _starting(text, (o for a in parser.actions for o in a.option_strings))
    elif positional:
        yield from _values(positional[0], root, name, text)


def _values(action: Action, root: str | None, name: str | None, text: str) -> Iterable[str]:
    """Return the values of an argument that begin like a text; none where it is no known kind."""
    if action.choices is not None:
        return (word for word in _starting(text, map(str, action.choices)) if word != INTERNAL)
    find = FINDERS.get(str(action.metavar))
    try:
        return list(find(root, name, text)) if find else ()
    except (KaijuError, OSError):  # there is nothing to go on with, and nobody to tell
        return ()


def _questions(root: str | None, _: str | None, text: str) -> Iterable[str]:
    files = os.listdir(os.path.join(project.locate(root), "queries"))
    return _starting(text, (name.removesuffix(".rq") for name in files if name.endswith(".rq")))


def _tags(root: str | None, _: str | None, text: str) -> Iterable[str]:
    from kaiju_graph import asking

    found = asking.questions(project.find(root))
    return _starting(text, {tag for asked in found for tag in asked.tags})


def _layers(_: str | None, __: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.sources import LAYERS

    chosen, comma, last = text.rpartition(",")
    return (f"{chosen}{comma}{layer}" for layer in _starting(last, LAYERS))


def _parameters(root: str | None, name: str | None, text: str) -> Iterable[str]:
    """Return the parameters of a question, or the things that one may be."""
    from kaiju_graph import asking

    if name is None:
        return ()
    parameters = asking.question(project.find(root), name).parameters
    chosen, equals, value = text.partition("=")
    if not equals:
        return _starting(text, (f"{parameter.name}=" for parameter in parameters))
    kinds = [parameter.type for parameter in parameters if parameter.name == chosen]
    values = _things(root, name, value) if kinds == ["iri"] else ()
    return (f"{chosen}={value}" for value in values)


def _things(root: str | None, _question: str | None, text: str) -> Iterator[str]:
    """Return the names of things, or their CURIEs where a text may begin one, from the cache."""
    entry = cache.entry(project.locate(root))
    if entry is None:
        return
    lines = cache.names(entry)
    for wanted in {_folded(text), *([text] if ":" in text else [])}:  # a name, or a CURIE
        for line in lines[bisect_left(lines, wanted) :]:
            if not line.startswith(wanted):
                break
            key, _, name = line.partition("\t")
            if name or ":" in text:
                yield name or key


FINDERS: dict[str, Callable[[str | None, str | None, str], Iterable[str]]] = {
    "NAME": _questions,
    "TAG": _tags,
    "L,...": _layers,
    "name=value": _parameters,
    **dict.fromkeys(("THING", "SUBJECT", "PREDICATE", "OBJECT", "WORDS"), _things),
}
"""What an argument is called in the help → who knows its values, by root, question and text."""


def _starting(text: str, words: Iterable[str]) -> Iterator[str]:
    """Yield the words that begin like a text, whatever the case and accents."""
    wanted = _folded(text)
    return (word for word in words if _folded(word).startswith(wanted))


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    from kaiju_graph.names import fold

    return fold(text)
