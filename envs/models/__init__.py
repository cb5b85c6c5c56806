"""A model is a plug: what any model of urban renewal must offer to be searched, played and shown."""
