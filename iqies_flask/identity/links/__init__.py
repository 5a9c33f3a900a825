"""Links in e-mails: each does one thing, once."""
