"""Specification packs: each a version of a CMS data specification, with its items, values and edits.

A plain library: it knows records and findings, and neither plugins, nor the web, nor the database.
"""
