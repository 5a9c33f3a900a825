"""iqies_flask: an open, self-hosted iQIES."""
