"""Asking for a role: the four steps, and what becomes of a request."""
