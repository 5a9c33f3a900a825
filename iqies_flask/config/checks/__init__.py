"""What is refused at the start, a file for each kind of setting."""
