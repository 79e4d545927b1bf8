"""Checks of the shapes themselves: what SHACL does not allow, and what has no effect."""
