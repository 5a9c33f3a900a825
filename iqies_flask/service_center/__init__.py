"""The Service Center's pages: proofing by hand, and the audit log."""
