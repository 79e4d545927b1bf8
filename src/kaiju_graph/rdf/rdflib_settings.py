"""Settings of rdflib for all modules that parse with it; importing this module makes them.

By default rdflib rewrites lexical forms ("010" becomes "10"), and logs a traceback for each literal
that it cannot convert to a value of Python, although it may be valid ("24:00:00"^^xsd:time).
"""

from __future__ import annotations

import logging

import rdflib

rdflib.NORMALIZE_LITERALS = False
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
