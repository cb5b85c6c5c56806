"""What every page has: frame, session, cached data, sign-in, guide."""
