"""The submission pipeline as a plain library: intake, the plugin host, the chain, the reports."""
