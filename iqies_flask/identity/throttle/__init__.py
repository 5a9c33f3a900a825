"""Slowing down whoever guesses passwords, keys and codes."""
