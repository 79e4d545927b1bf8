// What the editor offers while one types: words of SPARQL, prefixes, variables, terms and things.
import { syntaxTree } from "@codemirror/language";

const WORDS = `ABS ASC ASK AVG BIND BOUND COALESCE CONCAT CONSTRUCT CONTAINS COUNT DATATYPE DAY DESC
  DESCRIBE DISTINCT EXISTS FILTER FROM GRAPH GROUP_CONCAT HAVING IF IN LANG LANGMATCHES LCASE LIMIT
  MAX MIN MINUS MONTH NAMED NOT OFFSET OPTIONAL REGEX REPLACE ROUND SAMPLE SELECT SEPARATOR STR
  STRAFTER STRBEFORE STRENDS STRLEN STRSTARTS SUBSTR SUM UCASE UNDEF UNION VALUES WHERE YEAR`;
const PHRASES = ["GROUP BY", "ORDER BY", "FILTER NOT EXISTS", "FROM NAMED"];
const UPPER = /^[^:]*:\p{Lu}/u;

export function completions({ prefixes, rows }) {
  const words = [...WORDS.trim().split(/\s+/), ...PHRASES];
  const keywords = words.map((label) => ({ label, type: "keyword", boost: -10 }));
  const namespaces = Object.entries(prefixes).map(([name, iri]) => ({
    label: `${name}:`,
    type: "namespace",
    detail: iri,
    boost: 10,
  }));
  const names = rows
    .filter(([name]) => !name.startsWith("<") && !name.endsWith(":"))
    .map(([name, , label, definition]) => ({
      label: name,
      detail: label === name.slice(name.indexOf(":") + 1) ? "" : label,
      info: definition || undefined,
      // Terms come before things.
      boost: definition ? 5 : 0,
      isClass: Boolean(definition) && UPPER.test(name),
    }));

  return (context) => {
    const kind = syntaxTree(context.state).resolveInner(context.pos, -1).name;
    if (/comment|string/i.test(kind)) {
      return null;
    }
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) {
      return { from: variable.from, options: variables(context, variable), validFor: /^[?$]\w*$/ };
    }
    const word = context.matchBefore(/[\p{L}\w-]*:?[\p{L}\w.-]*/u);
    if (!context.explicit && (!word || word.from === word.to)) {
      return null;
    }
    const from = word?.from ?? context.pos;
    const before = context.state.sliceDoc(Math.max(0, from - 20), from);
    if (/<[^>\s]*$/.test(before)) {
      return null; // inside of an IRI
    }
    const classes = /(?:^|\s)a\s+$/.test(before) ? names.filter(({ isClass }) => isClass) : null;
    const colon = word ? word.text.indexOf(":") : -1;
    if (colon >= 0) {
      const prefix = word.text.slice(0, colon + 1);
      const options = (classes ?? names).filter(({ label }) => label.startsWith(prefix));
      return { from, options, validFor: /^[\p{L}\w-]*:[\p{L}\w.-]*$/u };
    }
    const options = classes ? [...namespaces, ...classes] : [...namespaces, ...keywords, ...names];
    return { from, options, validFor: /^[\p{L}\w-]*$/u };
  };
}

// The variables of the query, but for the one that is being typed.
function variables(context, typed) {
  const text = context.state.doc.toString();
  const found = new Set();
  for (const match of text.matchAll(/[?$]\w+/g)) {
    if (match.index !== typed.from) {
      found.add(match[0]);
    }
  }
  return [...found].map((label) => ({ label, type: "variable" }));
}
