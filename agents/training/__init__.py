"""How a policy learns: environments for Stable-Baselines3, cities to learn from, PPO."""
