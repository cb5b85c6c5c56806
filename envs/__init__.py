"""What a plan does: the kernel, and the environments around it."""
