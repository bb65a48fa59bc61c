"""Tests of curves, titles and pictures."""
