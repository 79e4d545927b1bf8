"""``python -m kaiju_graph`` is the command ``kaiju``."""

from kaiju_graph.fast_path import run

run()
