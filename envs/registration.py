"""Names under which Gymnasium knows the environments."""

from __future__ import annotations

from gymnasium.envs.registration import register, registry

SCALAR_ID, VECTOR_REWARD_ID = "renewal/UrbanRenewal-v2", "renewal/mo-UrbanRenewal-v2"
ENVIRONMENT_IDS = (SCALAR_ID, VECTOR_REWARD_ID)
MODEL_ID = "renewal/AnyModel-v1"
"""Of any model (envs.models.model): `gymnasium.make(MODEL_ID, model=...)`."""


def register_environments() -> None:
    """Register all ids, once; the classes are imported when an environment is made."""
    for name, prefix in ((SCALAR_ID, ""), (VECTOR_REWARD_ID, "MO")):
        if name not in registry:
            register(
                name,
                entry_point=f"envs.renewal_env:{prefix}RenewalEnv",
                vector_entry_point=f"envs.renewal_vector_env:{prefix}RenewalVectorEnv",
                disable_env_checker=bool(prefix),  # Gymnasium's own checker knows no vector reward
            )
    if MODEL_ID not in registry:
        register(MODEL_ID, entry_point="envs.model_env:ModelEnv")
