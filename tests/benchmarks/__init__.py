"""Compare the speed of each job with its peers; ``python -m tests.benchmarks`` reports it."""
