"""The questions; FILM is replaced by a film of the project, NEVER by a new text each time."""

LOOK_UP = """
SELECT ?name
WHERE {
    FILM film:director ?director .
    ?director rdfs:label ?name .
    FILTER(STR(?name) != "NEVER")
}
ORDER BY ?name
"""
LOOK_UP_GRAPH = """
SELECT ?passage ?name
WHERE {
    GRAPH ?passage { FILM film:director ?director . }
    ?director rdfs:label ?name .
    FILTER(STR(?name) != "NEVER")
}
ORDER BY ?passage ?name
"""
SCAN = """
SELECT (COUNT(*) AS ?count)
WHERE {
    ?subject ?predicate ?object .
    FILTER(STR(?object) != "NEVER")
}
"""
AGGREGATE = """
SELECT ?name (COUNT(DISTINCT ?event) AS ?count)
WHERE {
    ?event story:agent ?agent .
    ?agent rdfs:label ?name .
    FILTER(STR(?name) != "NEVER")
}
GROUP BY ?agent ?name
ORDER BY DESC(?count) ?name
"""
PATH = """
SELECT (COUNT(*) AS ?count)
WHERE {
    ?event story:agent ?agent .
    ?event story:causes+ ?effect .
    ?effect rdfs:label ?what .
    FILTER(STR(?what) != "NEVER")
}
"""
NEGATION = """
SELECT (COUNT(?event) AS ?count)
WHERE {
    ?event story:agent ?agent ;
        rdfs:label ?what .
    FILTER(STR(?what) != "NEVER")
    FILTER NOT EXISTS { ?other story:causes ?event . }
}
"""
