"""What Security Officials and officials of CMS do: deciding requests, and looking after roles."""
