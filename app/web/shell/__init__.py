"""What every page shares: frame, session and its draft, cached data, background threads, sign-in, guide."""
