"""Measurements, not tests: each module prints a table; see benchmarks/README.md."""
