"""Logs written by hand, and what the importers make of them."""
