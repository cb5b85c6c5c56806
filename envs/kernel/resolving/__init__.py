"""What resolving computes once, a file for each chapter of the model, called as those of tracing are."""
