"""The edit language: how edits are written, what they mean, and how they are run and explained."""
