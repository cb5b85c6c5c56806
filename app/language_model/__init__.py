"""A language model behind an OpenAI-compatible address: named by the environment, asked within limits, remembered."""
