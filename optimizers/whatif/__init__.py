"""What if not: the ranked neighborhood of a plan, the smallest change that mends it, and why a village is not in it."""
