"""A sentence becomes a scenario: a documented grammar of what planners say, in Chinese and English."""
