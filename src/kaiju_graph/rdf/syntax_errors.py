"""The error of a text that is no RDF: the place, what was found there, and what was expected.

The parser's message says little of Turtle, so a grammar finds the fault. If one other sign makes
the grammar accept what follows (a semicolon in place of a dot, a dot between two terms), the error
is at that sign. If the grammar allows what the parser refuses, the fault is in a term, and
``COMPLAINTS`` says what the parser means.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

from kaiju_graph.rdf.grammar import Fault, Grammar
from kaiju_graph.rdf.lines import line_and_column, line_column
from kaiju_graph.rdf.tokens import Token, tokens

__all__ = ["explain"]

# RDF 1.1 Turtle, section 6.5; TriG, section 4.5; N-Triples and N-Quads, section 7. Words in
# capitals are keywords, words in lower case are kinds of tokens.
TERMS = """
Directive = '@prefix' prefix iri '.' | '@base' iri '.' | PREFIX prefix iri | BASE iri
Statement = ( Name | '[]' | List ) Properties | Nested Properties?
Properties = Objects ( ';' Objects? )*
Objects = Verb Object ( ',' Object )*
Verb = Iri | 'a'
Nested = '[' Properties? ']'
List = '()' | '(' Object* ')'
Object = Name | '[]' | List | Nested | Literal
Literal = string ( language | '^^' Iri )? | integer | decimal | signed | TRUE | FALSE
Name = Iri | label
Iri = iri | prefixed | prefix
"""
TURTLE = f"""
Document = ( Directive | Block )*
Block = Statement '.'
{TERMS.strip()}
"""
TRIG = f"""
Document = ( Directive | Block )*
Block = ( Name | '[]' ) ( Graph | Properties '.' ) | ( List Properties | Nested Properties? ) '.'
    | GRAPH ( Name | '[]' ) Graph | Graph
Graph = '{{' Statements? '}}'
Statements = Statement ( '.' Statements? )?
{TERMS.strip()}
"""
TRIPLES = """
Document = Block*
Block = Subject iri Object '.'
Subject = iri | label
Object = iri | label | string ( language | '^^' iri )?
"""
QUADS = TRIPLES.replace("iri Object", "iri Object Subject?")
GRAMMARS = {"turtle": TURTLE, "trig": TRIG, "ntriples": TRIPLES, "nquads": QUADS}
"""Name of a format → its grammar."""
NAMES = {
    "Object": "an object",
    "Block": "a subject",
    "Statement": "a subject",
    "Subject": "a subject",
    "Verb": "a predicate",
    "Name": "a name",
    "Iri": "an IRI",
    "prefix": "a prefix with its colon",
    "iri": "an IRI in angle brackets",
}
HIDDEN = {"'^^'", "'@prefix'", "'@base'", "PREFIX", "BASE", "GRAPH"}
"""What may follow almost anywhere, so that no message names it where something else may, too."""
OPENINGS = ("Block", "Directive", "Statement")
"""The rules of what begins a line of its own."""
SEPARATORS = (".", ";", ",")
SIGNS = (*SEPARATORS, "]", ")", "}")
"""The signs that may be missing between two terms."""
CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
"""A mark that git leaves between the versions of a merge conflict."""
AFTER_NAMES = re.compile(r"[/?#@%!$&'*+=~\\]")
"""A character that a prefixed name has only after a backslash."""

UNENDED = "found {found}, which does not end; expected its closing sign"
COMPLAINTS = (
    (
        r"prefix .*: has not been declared",
        "found {found}; expected a prefix that the file declares",
    ),
    (
        r"No scheme|relative IRI",
        "found {found}; expected an IRI with its scheme, such as http:, or a prefixed name",
    ),
    (
        r"^Invalid (IRI|character|port)|builds IRI",
        "found {found} ({reason}); expected an IRI as RFC 3987 has it",
    ),
    (
        r"must not be rdf:(dirL|l)angString",
        "found {found}; expected a language tag in place of this datatype",
    ),
    (
        r"escape sequence|UTF-16",
        r"found {found}; expected the escape of a Unicode character, such as \u00e9",
    ),
    (r"escape character", r"""found {found}; expected one of \t \b \n \r \f \" \' \\ \u \U"""),
    (
        r"allowed to be escaped",
        r"found {found}; expected a backslash only before one of _~.-!$&'()*+,;=/?#@%",
    ),
    (r"escapes in IRIs", "found {found}; expected two hexadecimal digits after %"),
    (
        r"language code|subtag|langtag",
        "found {found} ({reason}); expected a language tag as RFC 5646 has it, such as @en",
    ),
    (r"base directions", "found {found}; expected a language tag without a direction"),
    (r"blank node ID", "found {found}; expected the label of a blank node, such as _:a"),
    (r"exponent|should not be empty", "found {found}; expected a number, such as 1, 1.5 or 1e0"),
    (
        r"beginning of a prefix name|Unexpected (byte|char)",
        "found {found}; expected a term or sign",
    ),
    (r"Unexpected end of file$", UNENDED),
    (
        r"remote contexts",
        "found a context at another address; expected it in the file, as nothing else is read",
    ),
)
"""Pattern of the parser's message → our message; the first that fits counts."""
LABELS = {
    "jsonld": "JSON-LD 1.1",
    "rdfxml": "RDF/XML",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
}
OF_PARSER = re.compile(r"Parser error (?:at|between) [^:]*: ")
"""How the parser's message begins if it knows the position."""
SHOWN = 30
"""How many characters of a token are shown."""
REACH = 40
"""How many tokens after a fault are read to try another sign."""
LONGEST = 2**17
"""How many tokens of a text the grammar reads; more would take seconds."""
LONG = 2**10
"""How many tokens of a statement are read again to try another sign."""


class _Error(NamedTuple):
    """The offset of an error, and its message."""

    offset: int
    message: str


def explain(file: str, text: str, form: str, error: SyntaxError) -> str:
    """Return the message for a text that the parser refuses: ``place: found …; expected …``.

    Args:
        file: the name of its file.
        text: the text.
        form: the name of its format.
        error: the parser's error.
    """
    start = _offset(text, error.lineno or 1, error.offset or 1)
    end = _offset(text, error.end_lineno or 1, error.end_offset or 1)
    found = _find_conflict(text)
    if not found and form in GRAMMARS:
        stream = [*islice(tokens(text), LONGEST + 1)]
        if len(stream) <= LONGEST:
            found = _Reading(text, stream, _grammar(form)).explain(start)
    if not found:
        reason = OF_PARSER.sub("", error.msg or "it does not parse")
        if form in GRAMMARS:
            start, end = _widen(text, start, end)
        found = _explain_refusal(text[start:end], start, form, reason)
    return f"{file}:{line_column(text, found.offset)}: {found.message}"


def _offset(text: str, line: int, column: int) -> int:
    """Return the offset of a line and column, both from 1."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return at + column - 1


def _find_conflict(text: str) -> _Error | None:
    mark = CONFLICT.search(text)
    message = "found the mark of a merge conflict; expected the text of one version"
    return _Error(mark.start(), message) if mark else None


class _Reading:
    """A text as its grammar reads it: the tokens, where statements begin, and the first fault."""

    def __init__(self, text: str, stream: list[Token], grammar: Grammar) -> None:
        self.text = text
        self.grammar = grammar
        self.tokens = stream
        self.blocks, self.starts = [0, 0], [0]
        self.fault: Fault | None = None
        for step in grammar.steps(self.tokens, len(text)):
            if isinstance(step, Fault):
                self.fault = step
            elif step[0] in OPENINGS:
                self.starts.append(step[1].offset)
                self.blocks += [step[1].offset] * (step[0] != "Statement")

    def explain(self, refused: int) -> _Error | None:
        """Return the error for the fault, if there is one at what the parser refuses, or before."""
        fault = self.fault
        if fault is None or fault.token.offset > refused:
            return None
        kind, text, offset = fault.token
        if kind == "unclosed":
            shown = _shorten(text.partition("\n")[0])
            found = f"found a string that does not end: {shown}"
            return _Error(offset, f"{found}; expected its closing quotation mark")
        if kind == "unknown" or text == "<" or (kind == "beyond" and text[0] == "@"):
            return None  # the parser knows what is wrong with a term
        return self._explain_brace(fault) or self._explain_sign(fault) or self._describe(fault)

    def _explain_brace(self, fault: Fault) -> _Error | None:
        """Return the error for a graph that another graph or the end of the text interrupts.

        The graph ends before the first statement in it that is not indented more than its name.
        """
        begin = self.blocks[-1]
        block = [t for t in self.tokens if begin <= t.offset < fault.token.offset]
        braces = [index for index, token in enumerate(block) if token.text == "{"]
        if not braces or not (fault.token.kind == "end" or fault.token.text == "{"):
            return None
        rest = [*block[braces[0] :], fault.token]
        pairs = (
            (before, token)
            for before, token in pairwise(rest)
            if before.text == "." and self._column(token.offset) <= self._column(begin)
        )
        before, token = next(pairs, (rest[-2], rest[-1]))
        line, _ = line_and_column(self.text, begin)
        found = f"found {_show(before.text)}, then {_name(token)}"
        expected = f"expected '}}' between them, for the graph of line {line}"
        return _Error(before.offset, f"{found}; {expected}")

    def _explain_sign(self, fault: Fault) -> _Error | None:
        """Return the error for a sign that is missing or another.

        That is so if one sign makes the grammar accept more tokens than any other. Among equals, a
        sign at the end of a line is likelier, and a missing one likelier than another.
        """
        begin, at = self.blocks[-2], fault.token.offset
        before = [token for token in self.tokens if begin <= token.offset < at]
        after = [token for token in self.tokens if token.offset >= at][:REACH]
        if not 0 < len(before) <= LONG:
            return None
        tried: list[tuple[tuple[int, bool, bool], _Error]] = []
        start, last = self._last_term(before)
        found = f"found {_show(self.text[start : last.end])}, then {_name(fault.token)}"
        for sign in [symbol[1] for symbol in fault.expected if symbol[1:-1] in SIGNS]:
            reach = self._reach([*before, Token("sign", sign, last.end), *after], fault)
            error = _Error(start, f"{found}; expected {sign!r} between them")
            tried.append(((reach, self._is_split(last.end, at), True), error))
        index = max((i for i, token in enumerate(before) if token.text in SEPARATORS), default=-1)
        old, following = before[index], [*before[index + 1 :], fault.token][0]
        for sign in [sign for sign in SEPARATORS if index >= 0 and sign != old.text]:
            if not self._fits(old, sign, following, fault):
                continue
            other = [*before[:index], old._replace(text=sign), *before[index + 1 :], *after]
            error = _Error(
                old.offset, f"found {old.text!r} before {_name(following)}; expected {sign!r}"
            )
            is_split = self._is_split(old.end, following.offset)
            tried.append(((self._reach(other, fault), is_split, False), error))
        best = max((rank for rank, _ in tried), default=(0, False, False))
        fitting = [error for rank, error in tried if rank == best]
        return fitting[0] if best[0] > 1 and len(fitting) == 1 else None

    def _describe(self, fault: Fault) -> _Error:
        """Return the error for a token that does not fit: what was found, and what would fit."""
        _, text, offset = fault.token
        before = next((token for token in self.tokens if token.end == offset), None)
        if before and before.kind == "name" and AFTER_NAMES.match(text):
            found = f"found {text[0]!r} in a name: {before.text}{text[0]}"
            return _Error(before.offset, rf"{found}; expected '\{text[0]}', or an IRI")
        names = self.grammar.name_all(fault.expected)
        names = [name for name in names if name not in HIDDEN] or names
        expected = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
        return _Error(offset, f"found {_name(fault.token)}; expected {expected}")

    def _reach(self, changed: list[Token], fault: Fault) -> int:
        """Return how many tokens the grammar accepts from a fault on, if some tokens change."""
        end = len(self.text)
        steps = self.grammar.steps(changed, end)
        offset = next((step.token.offset for step in steps if isinstance(step, Fault)), None)
        if offset is None:
            return REACH
        return sum(fault.token.offset <= token.offset < offset for token in changed)

    def _fits(self, old: Token, sign: str, following: Token, fault: Fault) -> bool:
        """Tell whether a sign in place of another fits the layout of the text."""
        if sign == "," and following != fault.token:
            return False  # more likely, the object of a predicate is missing
        if "." not in (old.text, sign) or not self._is_split(old.end, following.offset):
            return True
        start = max(start for start in self.starts if start <= old.offset)
        return (sign == ".") == (self._column(following.offset) <= self._column(start))

    def _last_term(self, before: list[Token]) -> tuple[int, Token]:
        """Return the offset of the last term, a literal with its suffix, and the last token."""
        index = len(before) - 1
        if before[index].kind == "language":
            index -= 1
        elif before[index - 1].text == "^^":
            index -= 2
        return before[max(index, 0)].offset, before[-1]

    def _column(self, offset: int) -> int:
        return line_and_column(self.text, offset)[1]

    def _is_split(self, start: int, end: int) -> bool:
        return "\n" in self.text[start:end]


def _name(token: Token) -> str:
    """Return a token as a message names it."""
    if token.kind == "end":
        return "the end"
    return repr(token.text) if token.kind in ("word", "variable") else _show(token.text)


def _show(text: str) -> str:
    """Return the text of a term; a sign has quotes."""
    return repr(text) if len(text) == 1 and not text.isalnum() else _shorten(text)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    line = line if line.isprintable() else ascii(line)[1:-1]
    return f"{line[:SHOWN]}…" if len(line) > SHOWN else line


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the word begins and ends of which the parser refuses a part."""
    if text.startswith(("\\", "<", '"'), start):
        return start, end
    word = re.compile(r"\S*")
    before = word.match(text[:start][::-1])
    after = word.match(text, start)
    return start - len(before[0] if before else ""), after.end() if after else end


def _explain_refusal(found: str, offset: int, form: str, reason: str) -> _Error:
    """Return the error for a term, or for a text without a grammar, that only the parser refuses.

    Args:
        found: what the parser refuses.
        offset: its offset.
        form: the name of the format.
        reason: the message of the parser.
    """
    label = LABELS.get(form, "RDF 1.1")
    shown = _shorten(found.partition("\n")[0]) or f"invalid {label}"
    messages = (message for pattern, message in COMPLAINTS if re.search(pattern, reason))
    message = next(messages, f"found {{found}} ({{reason}}); expected {label}")
    if found.startswith("<") and "\n" in found:
        message = UNENDED
    reason = reason if reason[1:2].isupper() else reason[:1].lower() + reason[1:]
    reason = reason if reason.isprintable() else ascii(reason)[1:-1]
    return _Error(offset, message.replace("{reason}", reason).replace("{found}", shown))


@cache
def _grammar(form: str) -> Grammar:
    """Read the grammar of a format."""
    return Grammar(GRAMMARS[form], _symbol, NAMES)


def _symbol(token: Token) -> str:
    """Return the symbol of the grammar for a token."""
    kind, text = token.kind, token.text
    if kind == "word":
        is_keyword = text.upper() in ("PREFIX", "BASE", "GRAPH") or text in ("true", "false")
        return "'a'" if text == "a" else text.upper() if is_keyword else kind
    if kind == "language" and text in ("@prefix", "@base"):
        return f"'{text}'"
    if kind == "sign":
        return f"'{''.join(text.split())}'"
    if kind == "name":
        return "label" if text.startswith("_:") else "prefix" if text[-1] == ":" else "prefixed"
    return kind
