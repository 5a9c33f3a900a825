"""Who a person is: accounts, signing in and out."""
