"""A SPARQL engine of the user's own: ask it, load the graph into it, compare its answers."""
