"""The Oxigraph store of a project, and the cache that keeps it between runs."""
