"""Logs that agents and gateways wrote, as observed calls: sizes, times and names, never a word of a conversation."""
