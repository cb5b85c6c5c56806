"""Run folders: searching, planning, training and evaluating into them, resuming and reading them."""
