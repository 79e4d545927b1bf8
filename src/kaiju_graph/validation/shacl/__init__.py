"""SHACL: pySHACL, and what takes the place of its parts."""
