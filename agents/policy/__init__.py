"""The policy: its observation (a shortlist of actions), its network, and the rollouts that make plans."""
