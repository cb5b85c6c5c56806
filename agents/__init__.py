"""How a policy decides, and how it learns (reinforcement learning)."""
