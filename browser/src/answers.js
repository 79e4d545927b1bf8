// Answers as a table, whose IRIs lead to the pages of the site, and as files.

// What controls a screen or reorders text is shown as its escape sequence.
const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export function printable(text) {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

function element(name, attributes, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

function cell(term, names) {
  if (!term) {
    return "";
  }
  if (term.type === "bnode") {
    return `_:${term.value}`;
  }
  const iri = term.type === "uri" ? term.value : names.byLabel.get(term.value);
  const text = printable(term.type === "uri" ? names.shorten(term.value) : term.value);
  const address = iri ? names.address(iri) : "";
  const language = term["xml:lang"];
  const lang = language && language !== "en" ? { lang: language } : {};
  if (address) {
    return element("a", { href: address, ...lang }, text);
  }
  return language ? element("span", lang, text) : text;
}

// Returns the answer as it stands in a page.
export function show(answer, names) {
  if (answer.boolean !== undefined) {
    return element("p", {}, element("strong", {}, answer.boolean ? "Yes" : "No"));
  }
  if (!answer.total) {
    return element("p", {}, "There is no row.");
  }
  const head = answer.variables.map((name) => element("th", { scope: "col" }, name));
  const rows = answer.rows.map((row) =>
    element("tr", {}, ...row.map((term) => element("td", {}, cell(term, names)))),
  );
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
  const region = element("div", { className: "scroll", tabIndex: 0 }, table);
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", "The answer as a table");
  return region;
}

// Returns the answer in words, for the line above it.
export function summarize({ boolean, total, rows, milliseconds }) {
  const time = `${Math.max(1, Math.round(milliseconds)).toLocaleString("en")} ms`;
  if (boolean !== undefined) {
    return `Answered in ${time}.`;
  }
  const count = total === 1 ? "1 row" : `${total.toLocaleString("en")} rows`;
  const left = total > rows.length;
  const some = left ? `; the first ${rows.length.toLocaleString("en")} are shown` : "";
  return `${count} in ${time}${some}.`;
}

const FILES = {
  csv: { name: "answer.csv", type: "text/csv" },
  json: { name: "answer.srj", type: "application/sparql-results+json" },
  nt: { name: "answer.nt", type: "application/n-triples" },
};

// Returns the formats in which an answer can be saved.
export function formats({ form }) {
  if (form === "CONSTRUCT" || form === "DESCRIBE") {
    return ["nt", "csv"];
  }
  return form === "ASK" ? ["json"] : ["csv", "json"];
}

export function saveFile(format, content) {
  const { name, type } = FILES[format];
  const href = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
