"""Reports, proofs, things and differences as text."""
