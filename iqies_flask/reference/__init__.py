"""The reference of items and edits in the site, for everybody. It needs no database."""
