"""The mutation score of the gate: the graph made wrong in every way, and who notices."""
