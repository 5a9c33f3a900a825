"""Who holds the offices that CMS decides about, and how they end."""
