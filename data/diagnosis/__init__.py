"""What a diagnosis is given: choices of weights, documented renewal projects, which measure answers which weakness."""
