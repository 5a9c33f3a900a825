"""Who may do what for which provider."""
