"""Plans in the making, batched: state, dynamics, masks, account, observation, reward."""
