"""The registry's pages and its import; the rules of what it holds."""
