"""The policy: its network, what it looks at, and the plans it makes."""
