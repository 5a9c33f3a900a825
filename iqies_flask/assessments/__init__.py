"""The store of accepted assessments."""
