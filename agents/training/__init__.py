"""Training of a policy: vector environments for Stable-Baselines3, training cities, masked PPO."""
