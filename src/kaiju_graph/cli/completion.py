"""Shell completion: the scripts of the shells, and the words that may continue a command line.

The script of a shell calls ``kaiju complete SHELL INDEX WORD...`` at each press of the Tab key.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.cli import ROOT
from kaiju_graph.cli.candidates import CANDIDATES, Context, select_prefixed
from kaiju_graph.errors import KaijuError
from kaiju_graph.project.spelling import fold

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterable, Sequence

    from kaiju_graph.cli.parser import Parser

__all__ = ["SCRIPTS", "complete"]

BASH = r"""_kaiju() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(kaiju complete bash "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
    if [[ ${COMPREPLY[0]-} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o default -F _kaiju kaiju
"""
ZSH = r"""#compdef kaiju
_kaiju() {
    local -a candidates
    candidates=("${(@f)$(kaiju complete zsh $((CURRENT - 1)) "${(@)words}" 2>/dev/null)}")
    if [[ -z ${candidates[1]} ]]; then
        _files
    elif [[ ${candidates[1]} == *= ]]; then
        compadd -U -S '' -a candidates
    else
        compadd -U -a candidates
    fi
}
compdef _kaiju kaiju
"""
FISH = r"""function __kaiju_complete
    set -l before (commandline -opc)
    set -l candidates (kaiju complete fish (count $before) $before (commandline -ct) 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c kaiju -f -a '(__kaiju_complete)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""Shell → its script."""

BREAK = re.compile("[:=]+")
"""Signs that bash splits from the words around them."""
SPECIAL = {
    "": re.compile(r"""([\s\\'"`$&|;<>(){}\[\]*?!#~])"""),
    '"': re.compile(r"""(["`$\\])"""),
}
"""Open quotation mark → characters that need a backslash (POSIX Shell Command Language, 2.2)."""


class _Word(NamedTuple):
    """A word of the command line, without quotation marks."""

    text: str
    head: str = ""
    """The part that bash splits off as other words, and does not replace."""
    quote: str = ""
    """The quotation mark that is open."""


def complete(
    parser: Parser, shell: str, index: int, words: Sequence[str], root: str | None = None
) -> list[str]:
    """Return the candidates for a word of a command line, as the shell needs them, sorted.

    Args:
        parser: has the commands and their arguments.
        shell: one of ``SCRIPTS``. bash and zsh pass words with their quotation marks, fish does so
            only for the last word; bash splits words at ``:`` and ``=``.
        index: the position of the word; 0 is the name of the command.
        words: the words; those after the position are ignored.
        root: the folder of the project, unless the words name one; None looks for it.
    """
    typed = [*words[: index + 1], *[""] * (index + 1 - len(words))]
    if shell == "bash":
        line = _join_breaks(typed)
    else:
        plain = len(typed) - 1 if shell == "fish" else 0
        line = [*map(_Word, typed[:plain]), *map(_unquote, typed[plain:])]
    *before, last = line
    context = Context(root, None, last.text)
    matches = _find(parser, [word.text for word in before[1:]], context)
    candidates = _same_spelling(last.text, matches)
    if shell == "bash":  # the other shells quote for themselves
        head = fold(last.head)
        tails = (text[len(last.head) :] for text in candidates if fold(text).startswith(head))
        candidates = [_quote(text, last.quote) for text in tails]
    return sorted(set(candidates))


def _same_spelling(text: str, words: Iterable[str]) -> list[str]:
    """Return the words that begin with a text, or with its most frequent spelling if none does.

    A shell replaces a word by the common beginning of all candidates, even if that is shorter.
    """
    words = sorted(set(words))
    spellings = Counter(word[: len(text)] for word in words)
    best = text if text in spellings else next((s for s, _ in spellings.most_common(1)), text)
    return [word for word in words if word.startswith(best)]


def _join_breaks(words: Sequence[str]) -> list[_Word]:
    """Join the words that bash splits at ``:`` and ``=``."""
    joined: list[_Word] = []
    after_break = False
    for typed in words:
        is_break = bool(BREAK.fullmatch(typed))
        word = _unquote(typed)
        if joined and (after_break or is_break):
            head = joined.pop().text
            text = head + word.text
            word = _Word(text, text if is_break else head, word.quote)
        joined.append(word)
        after_break = is_break
    return joined


def _unquote(typed: str) -> _Word:
    text, quote, escaped = [], "", False
    for character in typed:
        if escaped:
            text.append(character)
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif character in "'\"" and not quote:
            quote = character
        else:
            text.append(character)
    return _Word("".join(text), "", quote)


def _quote(text: str, quote: str) -> str:
    """Escape a text for bash, after an open quotation mark or none."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return SPECIAL[quote].sub(r"\\\1", text)


def _find(parser: Parser, before: Sequence[str], context: Context) -> Iterable[str]:
    """Return the words that begin with the text of a context and may stand after others."""
    text, option, positionals = context.text, None, parser.positionals
    for word in before:
        if option:
            is_root = option.option_strings[0] in ROOT
            context = context._replace(root=word) if is_root else context
            option = None
        elif word.startswith("-"):
            action = parser.flags.get(word)
            option = action if action and action.nargs is None else None
        elif word in parser.commands:
            parser = parser.commands[word]
            positionals = parser.positionals
        elif positionals:
            context = context._replace(question=context.question or word)
            positionals = positionals if positionals[0].nargs == "+" else positionals[1:]
    if option:
        return _find_values(option, context)
    flag, equals, value = text.partition("=")
    if equals and flag in parser.flags:
        values = _find_values(parser.flags[flag], context._replace(text=value))
        return (f"{flag}={word}" for word in values)
    if text.startswith("-"):
        return select_prefixed(text, parser.flags)
    return _find_values(positionals[0], context) if positionals else ()


def _find_values(action: Action, context: Context) -> list[str]:
    """Return the values of an argument that begin with a text; none if its kind is not known."""
    words: Iterable[str] = ()
    if action.choices is not None:
        words = (str(word) for word in action.choices if word != "complete")
    elif find := CANDIDATES.get(str(action.metavar)):
        try:
            words = list(find(context))
        except (KaijuError, OSError):  # a shell cannot show the error
            return []
    # A shell shows them as they are.
    return select_prefixed(context.text, filter(str.isprintable, words))
