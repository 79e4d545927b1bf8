// The names of the graph: prefixes, and what has a page, with its address and label.

export class Names {
  // root: the address of the site; rows: name, address, label, definition.
  constructor({ prefixes, names }, root) {
    this.prefixes = prefixes;
    this.root = root;
    this.rows = names;
    this.byIri = new Map(names.map((row) => [this.expand(row[0]), row]));
    this.byLabel = new Map();
    for (const [name, , label] of names) {
      // A label that two things have names neither.
      this.byLabel.set(label, this.byLabel.has(label) ? null : this.expand(name));
    }
  }

  // Returns the IRI of a CURIE, or of an IRI in angle brackets.
  expand(name) {
    if (name.startsWith("<")) {
      return name.slice(1, -1);
    }
    const colon = name.indexOf(":");
    const namespace = this.prefixes[name.slice(0, colon)];
    return namespace === undefined ? null : namespace + name.slice(colon + 1);
  }

  // Returns how people write an IRI.
  shorten(iri) {
    const known = this.byIri.get(iri);
    if (known) {
      return known[0].replace(/^<|>$/g, "");
    }
    let best = "";
    for (const [prefix, namespace] of Object.entries(this.prefixes)) {
      const isLonger = namespace.length > (this.prefixes[best]?.length ?? 0);
      if (isLonger && iri.startsWith(namespace) && /^[\w-]+$/.test(iri.slice(namespace.length))) {
        best = prefix;
      }
    }
    return best ? `${best}:${iri.slice(this.prefixes[best].length)}` : iri;
  }

  // Returns the address of the page of an IRI, or its own on the web; empty if there is none.
  address(iri) {
    const known = this.byIri.get(iri);
    if (known) {
      return new URL(known[1], this.root).href;
    }
    return /^https?:\/\//.test(iri) ? iri : "";
  }

  // Returns the IRI that a value of a parameter names: a label, a CURIE or an IRI.
  resolve(value) {
    const bare = value.replace(/^<|>$/g, "");
    const iri = this.byLabel.get(value) || (this.byIri.has(bare) ? bare : this.expand(value));
    return iri ?? bare;
  }
}
