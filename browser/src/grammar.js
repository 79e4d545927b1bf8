// The first token of a query that does not fit the grammar of SPARQL 1.1, which is LL(1).
// Grammar, tokens and names are those of the command; this reads a query as its rdf/grammar.py does.

const SYMBOL = /^('[^']+'|\w+)([?*+]?)$/;
const PIECES = /(?<word>[\p{L}\p{N}_]+)|(?<sign>.)/gsu;
const SHOWN = 30; // how many characters of a token are shown

export class Grammar {
  constructor({ rules, functions, names, hidden, tokens, letters, marks }) {
    this.token = new RegExp(tokens, "ys");
    this.letters = new RegExp(letters, "gu");
    this.marks = new RegExp(marks, "gu");
    this.functions = functions;
    this.names = names;
    this.hidden = hidden;
    this.ruleOf = new Map();
    for (const [rule, list] of Object.entries(functions)) {
      list.forEach((name) => this.ruleOf.set(name.toUpperCase(), rule));
    }
    this.keywords = new Set([...rules.matchAll(/\b[A-Z_]{2,}\b/g)].map(([word]) => word));
    this.rules = new Map();
    this.firsts = new Map();
    for (const line of rules.trim().replace(/\n +/g, " ").split("\n")) {
      const [name, body] = line.split(" = ");
      this.rules.set(name, this.read(body.split(/\s+/)));
    }
    [this.start] = this.rules.values();
  }

  // Reads and removes words up to the end of a rule or its closing parenthesis.
  read(words) {
    const choices = [[]];
    while (words.length && words[0][0] !== ")") {
      const word = words.shift();
      const parts = choices.at(-1);
      if (word === "|") {
        choices.push([]);
      } else if (word === "(") {
        const group = this.read(words);
        parts.push(...repeat(group, words.shift().slice(1)));
      } else {
        const [, symbol, mark] = SYMBOL.exec(word);
        parts.push(...repeat({ kind: "symbol", symbol, parts: [] }, mark));
      }
    }
    const all = choices.map((parts) => ({ kind: "all", parts }));
    return all.length === 1 ? all[0] : { kind: "one", parts: all };
  }

  // The symbols that a part may begin with; the empty symbol too if it may be empty.
  first(part) {
    if (!this.firsts.has(part)) {
      this.firsts.set(part, this.findFirst(part));
    }
    return this.firsts.get(part);
  }

  findFirst({ kind, parts, symbol }) {
    if (kind === "symbol") {
      return this.rules.has(symbol) ? this.first(this.rules.get(symbol)) : new Set([symbol]);
    }
    const found = new Set();
    for (const part of parts) {
      const first = this.first(part);
      first.forEach((each) => found.add(each));
      if (kind === "all" && !first.has("")) {
        found.delete("");
        return found;
      }
      if (kind === "all") {
        found.delete("");
      }
    }
    return kind === "one" ? found : found.add("");
  }

  choose({ parts }, symbol) {
    return parts.find((part) => this.first(part).has(symbol));
  }

  // Returns the tokens of a text: kind, text and offset.
  *tokens(text) {
    const plain = text
      .replace(this.letters, (found) => "\u00e9".repeat(found.length))
      .replace(this.marks, "\u00b7")
      .replace(/[^\x00-\x7f\u00e9\u00b7]/g, "\u00a4");
    this.token.lastIndex = 0;
    for (let match = this.token.exec(plain); match?.[0]; match = this.token.exec(plain)) {
      const found = text.slice(match.index, match.index + match[0].length);
      const { run, local, ...groups } = match.groups;
      const kind = local === undefined ? Object.keys(groups).find((key) => groups[key] !== undefined) : "name";
      if (kind === "words") {
        // A name without a colon ends at the first sign.
        for (const piece of found.matchAll(PIECES)) {
          const [text] = piece;
          yield { kind: piece.groups.word ? "word" : "sign", text, offset: match.index + piece.index };
        }
      } else if (kind !== "space") {
        yield { kind, text: found, offset: match.index };
      }
    }
  }

  symbol({ kind, text }) {
    if (kind === "word") {
      return text === "a" ? "'a'" : (this.ruleOf.get(text.toUpperCase()) ?? text.toUpperCase());
    }
    if (kind === "sign") {
      return `'${text.replace(/\s/g, "")}'`;
    }
    if (kind === "name") {
      return text.startsWith("_:") ? "label" : text.endsWith(":") ? "prefix" : "prefixed";
    }
    return kind;
  }

  // Returns the first token that does not fit, with the symbols that would; null if all fit.
  findFault(text) {
    const ahead = this.tokens(text);
    const last = { kind: "end", text: "", offset: text.length };
    const next = () => ahead.next().value ?? last;
    let token = next();
    let symbol = this.symbol(token);
    const waiting = [this.start];
    const tried = new Set();
    while (waiting.length) {
      const part = waiting.pop();
      if (part.kind === "all") {
        waiting.push(...[...part.parts].reverse());
      } else if (part.kind !== "symbol") {
        const chosen = this.choose(part, symbol);
        for (const each of part.parts) {
          [...this.first(each)].sort().forEach((first) => first && tried.add(first));
        }
        if (part.kind === "many") {
          waiting.push(...(chosen ? [part, chosen] : []));
        } else if (chosen || this.choose(part, "")) {
          waiting.push(chosen ?? this.choose(part, ""));
        } else {
          return { token, expected: [...tried] };
        }
      } else if (this.rules.has(part.symbol)) {
        waiting.push(this.rules.get(part.symbol));
      } else if (part.symbol === symbol) {
        token = next();
        symbol = this.symbol(token);
        tried.clear();
      } else {
        return { token, expected: [...tried, part.symbol] };
      }
    }
    return token === last ? null : { token, expected: [...tried, "end"] };
  }

  // Returns a fault in words.
  describe({ token, expected }) {
    const several = list(this.nameAll(expected));
    const words = expected.flatMap((symbol) => this.functions[symbol] ?? symbol);
    const isLong = [...token.text].length > SHOWN;
    const shown = isLong ? `${[...token.text].slice(0, SHOWN).join("")}…` : token.text;
    const quoted = shown.includes("'") ? `"${shown}"` : `'${shown}'`;
    if (token.kind === "end") {
      return `found ${words.includes("SELECT") ? "no query" : "the end"}; expected ${several}`;
    }
    if (token.kind === "unclosed") {
      return `found a string that does not end: ${quoted}; expected its closing quotation mark`;
    }
    return `found ${quoted}; expected ${several}`;
  }

  nameAll(symbols) {
    let left = [...new Set(symbols)];
    const found = [];
    for (const [rule, name] of Object.entries(this.names)) {
      const firsts = this.rules.has(rule) ? this.first(this.rules.get(rule)) : new Set([rule]);
      if ([...firsts].every((symbol) => left.includes(symbol))) {
        found.push(name);
        left = left.filter((symbol) => !firsts.has(symbol));
      }
    }
    const signs = left.filter((symbol) => symbol[0] === "'");
    const words = left.filter((symbol) => /^[^a-z]*[A-Z][^a-z]*$/.test(symbol) && symbol[0] !== "'");
    return [...signs, ...found, ...words].filter((name) => !this.hidden.includes(name));
  }
}

function repeat(part, mark) {
  const many = { kind: "many", parts: [part] };
  const optional = { kind: "one", parts: [part, { kind: "all", parts: [] }] };
  return { "": [part], "?": [optional], "*": [many], "+": [part, many] }[mark];
}

function list(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names[0];
}
