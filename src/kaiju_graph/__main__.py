"""``python -m kaiju_graph`` is the command ``kaiju``."""

from kaiju_graph.quick import main

raise SystemExit(main())
