"""Registration: from nothing to an account with a confirmed address, step by step."""
