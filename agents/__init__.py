"""How a policy decides and learns."""
