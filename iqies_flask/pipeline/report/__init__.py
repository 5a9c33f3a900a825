"""The Final Validation Report: its data (`model`) and one writer for each form that it is handed out in."""
