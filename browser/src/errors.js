// What is wrong with a query, as one line with its place.

// The place is an offset in the text.
export class QueryError extends Error {
  constructor(message, at = 0) {
    super(message);
    this.at = at;
  }
}

// Refuses a query that is faulty, as the command does; the engine finds other faults.
export function check(text, grammar, prefixes) {
  const fault = grammar.findFault(text);
  const known = new Set([...Object.keys(prefixes), "_"]);
  let before = "";
  for (const token of grammar.tokens(text)) {
    if (fault && token.offset >= fault.token.offset) {
      break;
    }
    if (token.text.toUpperCase() === "SERVICE" && token.kind === "word") {
      throw new QueryError("found SERVICE; expected no remote endpoint", token.offset);
    }
    if (token.kind === "name") {
      const [prefix] = token.text.split(":");
      if (before.toUpperCase() === "PREFIX") {
        known.add(prefix);
      } else if (!known.has(prefix)) {
        const found = `found the prefix '${prefix}'; expected a declared prefix`;
        throw new QueryError(found, token.offset);
      }
    }
    before = token.text;
  }
  if (fault) {
    throw new QueryError(grammar.describe(fault), fault.token.offset);
  }
}

// Returns a QueryError, or the error itself if the engine has broken.
// The text stands below one line of prefixes, which the user does not see.
export function explain(error, text) {
  const message = String(error?.message ?? error);
  const name = /^The custom function <([^>]*)> is not supported$/.exec(message);
  if (name) {
    return new QueryError(`found the function <${name[1]}>; expected one of SPARQL 1.1`);
  }
  const place = /^error at (\d+):(\d+): expected (?:one of )?([^]*)$/.exec(message);
  if (!place) {
    return error;
  }
  const lines = text.split("\n");
  const line = Math.min(Math.max(place[1] - 1, 1), lines.length);
  // The engine counts code points.
  const column = [...lines[line - 1]].slice(0, place[2] - 1).join("").length;
  const at = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, column);
  const sentence = /[A-Za-z]\w*(?: [\w*'\\-]+){2,}/.exec(place[3]);
  const reason = sentence ? sentence[0] : place[3].split(/\s+/).join(" ");
  return new QueryError(`found no query that can be run: ${reason}`, at);
}
