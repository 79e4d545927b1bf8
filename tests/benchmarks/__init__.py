"""How fast each job is beside its peers: ``python -m tests.benchmarks`` writes the report."""
