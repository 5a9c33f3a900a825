"""Browsers: what they are called, and in which ones a person has signed in before."""
