"""E-mail: written to an outbox with what it tells of, sent by the worker."""
