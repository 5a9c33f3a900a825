"""The Validation Utility Tool: a page and a web service that check anybody's file and keep nothing."""
