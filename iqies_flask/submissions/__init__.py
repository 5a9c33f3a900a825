"""Submissions: upload, background processing, final validation reports."""
