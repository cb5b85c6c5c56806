"""The record of a plan on its page: state, signatures and log; what came of it; the rest planned again."""
