// The graph in Oxigraph, and answers as kaiju query gives them.
import { Store, initSync, parse } from "oxigraph";
import { check, explain } from "./errors.js";
import { Grammar } from "./grammar.js";

const FORMS = ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"];

export class Graph {
  // merged and others are N-Quads; the default graph is the merge of the graphs of the first.
  constructor({ wasm, merged, others, prefixes, grammar }) {
    initSync({ module: wasm });
    this.store = new Store();
    const triples = merged.split("\n").map((line) => {
      const end = line.lastIndexOf(" <");
      return end < 0 ? line : `${line.slice(0, end)} .`;
    });
    this.store.load([merged, others, triples.join("\n")].join("\n"), {
      format: "application/n-quads",
      lenient: true,
      no_transaction: true,
    });
    const clauses = Object.entries(prefixes).map(([name, iri]) => `PREFIX ${name}: <${iri}>`);
    this.prefixes = prefixes;
    this.grammar = new Grammar(grammar);
    this.prologue = `${clauses.join(" ")}\n`;
  }

  // Returns the form, the variables, and all rows: each is one value per variable, or null.
  answer(text) {
    check(text, this.grammar, this.prefixes);
    const form = this.findForm(text);
    const isGraph = form === "CONSTRUCT" || form === "DESCRIBE";
    let written;
    try {
      written = this.store.query(this.prologue + text, {
        results_format: isGraph ? "application/n-triples" : "json",
      });
    } catch (error) {
      throw explain(error, text);
    }
    if (isGraph) {
      const quads = parse(written, { format: "application/n-triples", lenient: true });
      const rows = quads.map((quad) => [quad.subject, quad.predicate, quad.object].map(describe));
      return { form, variables: ["subject", "predicate", "object"], rows, written };
    }
    const { head, boolean, results } = JSON.parse(written);
    if (boolean !== undefined) {
      return { form, variables: [], rows: [], boolean, written };
    }
    const rows = results.bindings.map((row) => head.vars.map((name) => row[name] ?? null));
    return { form, variables: head.vars, rows, written };
  }

  // Returns SELECT, ASK, CONSTRUCT or DESCRIBE.
  findForm(text) {
    for (const { kind, text: word } of this.grammar.tokens(text)) {
      if (kind === "word" && FORMS.includes(word.toUpperCase())) {
        return word.toUpperCase();
      }
    }
    return "";
  }
}

// A term as in SPARQL 1.1 Query Results JSON.
function describe(term) {
  if (term.termType === "Literal") {
    const { value, language, datatype } = term;
    return language
      ? { type: "literal", value, "xml:lang": language }
      : { type: "literal", value, datatype: datatype.value };
  }
  return { type: term.termType === "BlankNode" ? "bnode" : "uri", value: term.value };
}

// SPARQL 1.1 Query Results CSV.
export function writeCsv({ variables, rows }) {
  const write = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const value = (term) => (term?.type === "bnode" ? `_:${term.value}` : (term?.value ?? ""));
  const lines = [variables, ...rows.map((row) => row.map(value))];
  return lines.map((line) => `${line.map(write).join(",")}\r\n`).join("");
}
