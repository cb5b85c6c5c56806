"""What a plan does: the kernel, and the environments around it. Importing it registers the environments."""

from envs.registration import register_environments

register_environments()
