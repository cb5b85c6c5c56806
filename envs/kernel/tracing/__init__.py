"""The trace of a batch, a class for each chapter of the model; each inherits the chapters that it reads."""
