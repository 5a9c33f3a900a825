"""What an attacker tries, on all pages at once: each new page is tried by itself."""
