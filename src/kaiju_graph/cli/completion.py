"""Stage 13, beside commands: words typed so far → how the last of them may go on.

The script that ``kaiju completion SHELL`` prints calls ``kaiju complete SHELL INDEX WORD...`` at
each press of the key. What the command takes is asked of its own parser, and what an argument may
be of ``offering``.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.cli.candidates import FINDERS, folded, starting
from kaiju_graph.errors import KaijuError

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.cli.parser import Parser

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
    found=("${(@f)$(kaiju complete zsh $((CURRENT - 1)) "${(@)words}" 2>/dev/null)}")
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
        shell: one of ``SCRIPTS``; it hands over the words as they are typed, with quotes, fish only
            the last of them.
        index: which word; 0 is the command's name.
        words: the words; those behind the index do not matter.
    """
    typed = [*words[: index + 1], *[""] * (index + 1 - len(words))]
    *before, last = READERS[shell](typed)
    found = _spelled(last.text, set(_candidates(parser, [w.text for w in before[1:]], last.text)))
    if shell == "bash":  # the others quote for themselves
        of_word = (t for t in found if folded(t[: len(last.head)]) == folded(last.head))
        found = [_quoted(text[len(last.head) :], last.quote) for text in of_word]
    return sorted(set(found))


def _spelled(text: str, found: Iterable[str]) -> list[str]:
    """Return the words that begin in one spelling: as a text does, or else as most of them do.

    A shell puts what they have in common in the place of what is typed, be it less.
    """
    found = sorted(found)
    spellings = Counter(word[: len(text)] for word in found)
    best = text if text in spellings else next((s for s, _ in spellings.most_common(1)), text)
    return [word for word in found if word.startswith(best)]


def _apart(words: Sequence[str]) -> list[_Typed]:
    return [_Typed(text, "", quote) for text, quote in map(_unquoted, words)]


def _last_apart(words: Sequence[str]) -> list[_Typed]:
    return [*map(_Typed, words[:-1]), *_apart(words[-1:])]


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


READERS = {"bash": _glued, "zsh": _apart, "fish": _last_apart}
"""Shell → how its words are read."""


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
    waiting, positional = None, _positionals(parser)
    root, name = None, None
    for word in before:
        if waiting is not None:
            root = word if waiting.dest == "root" else root
            waiting = None
        elif word.startswith("-"):
            option, equals, _ = word.partition("=")
            action = _option(parser, option)
            waiting = action if action and action.nargs is None and not equals else None
        elif word in parser.commands:
            parser = parser.commands[word]
            positional = _positionals(parser)
        elif positional:
            name = name or word
            positional = positional if positional[0].nargs == "+" else positional[1:]
    option, equals, value = text.partition("=")
    if waiting is not None:
        yield from _values(waiting, root, name, text)
    elif equals and (action := _option(parser, option)):
        yield from (f"{option}={found}" for found in _values(action, root, name, value))
    elif text.startswith("-"):
        yield from starting(text, (o for a in parser.actions for o in a.option_strings))
    elif positional:
        yield from _values(positional[0], root, name, text)


def _positionals(parser: Parser) -> list[Action]:
    return [action for action in parser.actions if not action.option_strings]


def _option(parser: Parser, flag: str) -> Action | None:
    return next((action for action in parser.actions if flag in action.option_strings), None)


def _values(action: Action, root: str | None, name: str | None, text: str) -> Iterable[str]:
    """Return the values of an argument that begin like a text; none where it is no known kind."""
    if action.choices is not None:
        return (word for word in starting(text, map(str, action.choices)) if word != "complete")
    find = FINDERS.get(str(action.metavar))
    try:
        return list(find(root, name, text)) if find else ()
    except (KaijuError, OSError):  # there is nothing to go on with, and nobody to tell
        return ()
