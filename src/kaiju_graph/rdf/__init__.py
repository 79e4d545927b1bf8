"""Terms and quads, and the formats of RDF: Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD."""
