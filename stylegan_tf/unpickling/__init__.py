"""Reads pickles without running any code of theirs: numbers, text, containers and arrays."""
