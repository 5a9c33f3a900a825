"""Importing the data specifications that CMS publishes: from a release to a pack, and what differs."""
