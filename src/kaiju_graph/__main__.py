"""``python -m kaiju_graph`` is the command ``kaiju``."""

from kaiju_graph.cli import main

raise SystemExit(main())
