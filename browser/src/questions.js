// Stored questions with values for their parameters.

const XSD = "http://www.w3.org/2001/XMLSchema#";

// Escapes of code points are read before all others (SPARQL 1.1, 19.2), even after a backslash.
const ESCAPES = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r" };
const quote = (text) => {
  const escaped = text.replace(/(\\)([uU])|[\\"\n\r]/g, (found, slash, letter) =>
    slash ? `\\\\\\U000000${letter.charCodeAt(0).toString(16)}` : ESCAPES[found],
  );
  return `"${escaped}"`;
};

// Returns the clause that restricts a variable to a value, or null if it is no IRI.
function write(value, { type, variable }, names) {
  if (type === "iri") {
    const iri = names.resolve(value);
    const isIri = /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]*$/i.test(iri);
    return isIri ? `VALUES ?${variable} { <${iri}> }` : null;
  }
  if (type === "string") {
    return `VALUES ?${variable} { ${quote(value)} }`;
  }
  return /^[a-z]{2}$/.test(type)
    ? `VALUES ?${variable} { ${quote(value)}@${type} }`
    : `FILTER(?${variable} = ${quote(value)}^^<${XSD}${type}>)`;
}

// A question is its text in parts, with a filter of a parameter (name, type, variable) between two.
// Returns its SPARQL text: a value in place of a filter, or the filter itself.
export function fill({ parts, filters }, values, names) {
  return parts.reduce((text, part, at) => {
    const { name, type, variable } = filters[at - 1];
    const clause = values[name] ? write(values[name], filters[at - 1], names) : null;
    return text + (clause ?? `FILTER(?${variable} = COALESCE(?__${name}_${type}, ?${variable}))`) + part;
  });
}
