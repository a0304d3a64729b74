"""Checks that a pattern cannot express, one module per family."""
