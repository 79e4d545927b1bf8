"""Mutation tests: mutants of the graph, and the share of them that the gate kills."""
