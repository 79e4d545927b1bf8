"""Validation: SHACL, the evidence checks, and a report that locates what they find."""
