"""The built-in plugins, each written as a vendor would: against `iqies_flask.plugin` only."""
