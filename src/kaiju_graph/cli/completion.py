"""Shell completion: the scripts of the shells, and the words that may continue a command line.

The script of a shell calls ``kaiju complete SHELL INDEX WORD...`` at each press of the key.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.cli.candidates import CANDIDATES, Context, fold, select_prefixed
from kaiju_graph.cli.flags import ROOT
from kaiju_graph.errors import KaijuError

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
"""What bash splits from the words around it."""
SPECIAL = {
    "": re.compile(r"""([\s\\'"`$&|;<>(){}\[\]*?!#~])"""),
    '"': re.compile(r"""(["`$\\])"""),
}
"""Open quotation mark → what needs a backslash in it (POSIX Shell Command Language, 2.2)."""


class _Word(NamedTuple):
    """A word of the command line, without quotation marks."""

    text: str
    head: str = ""
    """Its beginning, if bash takes that for other words, which it leaves as they are."""
    quote: str = ""
    """The quotation mark that is open."""


def complete(parser: Parser, shell: str, index: int, words: Sequence[str]) -> list[str]:
    """Return the candidates for a word of a command line, as the shell needs them, sorted.

    Args:
        parser: has the commands and their arguments.
        shell: one of ``SCRIPTS``. The words of bash and zsh have their quotation marks, and so has
            the last one of fish; bash splits words at ``:`` and ``=``.
        index: which word; 0 is the name of the command.
        words: the words; those after the index are ignored.
    """
    typed = [*words[: index + 1], *[""] * (index + 1 - len(words))]
    if shell == "bash":
        read = _join_breaks(typed)
    else:
        quoted = len(typed) - 1 if shell == "fish" else 0
        read = [*map(_Word, typed[:quoted]), *map(_unquote, typed[quoted:])]
    *before, last = read
    found = _same_spelling(last.text, _find(parser, [word.text for word in before[1:]], last.text))
    if shell == "bash":  # the other shells quote for themselves
        head = fold(last.head)
        tails = (text[len(last.head) :] for text in found if fold(text).startswith(head))
        found = [_quote(text, last.quote) for text in tails]
    return sorted(set(found))


def _same_spelling(text: str, words: Iterable[str]) -> list[str]:
    """Return the words that begin with a text, or else with the most frequent spelling of it.

    A shell replaces what is typed by what all candidates have in common, even if that is less.
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
    """Return a text as bash reads it after an open quotation mark, or after none."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return SPECIAL[quote].sub(r"\\\1", text)


def _find(parser: Parser, before: Sequence[str], text: str) -> Iterable[str]:
    """Return the words that may follow others and begin with a text."""
    context, waiting, positionals = Context(None, None, text), None, parser.positionals
    for word in before:
        if waiting:
            is_root = waiting.option_strings[0] in ROOT
            context = context._replace(root=word) if is_root else context
            waiting = None
        elif word.startswith("-"):
            action = parser.flags.get(word)
            waiting = action if action and action.nargs is None else None
        elif word in parser.commands:
            parser = parser.commands[word]
            positionals = parser.positionals
        elif positionals:
            context = context._replace(question=context.question or word)
            positionals = positionals if positionals[0].nargs == "+" else positionals[1:]
    if waiting:
        return _find_values(waiting, context)
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
        except (KaijuError, OSError):  # there are no candidates, and nobody to tell why
            return []
    return select_prefixed(context.text, words)
