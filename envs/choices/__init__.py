"""What may be chosen: options, marginal gains, baselines, anchors."""
