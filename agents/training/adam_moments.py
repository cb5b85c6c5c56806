"""Moments of Adam as a checkpoint keeps them, by name of the parameter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def adam_numbers(adam: torch.optim.Optimizer, network: Mapping[str, torch.nn.Parameter]) -> dict[str, np.ndarray]:
    """Numbers by `adam_MOMENT_PARAMETER`, float32; none before the first step."""
    return {
        f"adam_{moment}_{name}": values.detach().cpu().numpy().astype(np.float32).copy()
        for name, parameter in network.items()
        for moment, values in adam.state.get(parameter, {}).items()
    }


def restore_adam(
    adam: torch.optim.Optimizer, network: Mapping[str, torch.nn.Parameter], numbers: Mapping[str, np.ndarray]
) -> None:
    """Bring the moments back, each to the device of its parameter; steps are counted on the host."""
    for name, parameter in network.items():
        keys = {moment: f"adam_{moment}_{name}" for moment in MOMENTS}
        if keys["step"] in numbers:
            adam.state[parameter] = {
                moment: torch.from_numpy(numbers[key]).to("cpu" if moment == "step" else parameter.device)
                for moment, key in keys.items()
            }
