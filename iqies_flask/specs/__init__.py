"""Specification packs: the items, values and edits of one version of one CMS data specification.

A plain library: it knows records and findings, and neither plugins, nor the web, nor the database.
"""
