"""Measurements. Each prints a Markdown table with its ratios against baselines measured in the same run."""
