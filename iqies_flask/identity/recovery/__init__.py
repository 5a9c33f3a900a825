"""Ways back into an account: recovery codes, and links by e-mail."""
