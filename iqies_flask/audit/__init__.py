"""Who did what, when, from where, and what came of it: a log that shows when it was tampered with."""
