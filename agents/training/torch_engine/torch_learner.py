"""The learner of the engine on one device (agents.training.learner.Learner)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from agents.policy.network import Parameters
from agents.training.adam_moments import adam_numbers, restore_adam
from agents.training.cities import Draw
from agents.training.environments import draw_weights
from agents.training.learner import TrainingSetting, Update
from agents.training.torch_engine.city_games import CityGames
from agents.training.torch_engine.gradient_steps import Batch, explained_variance, gradient_steps
from agents.training.torch_engine.play import Play
from agents.training.torch_engine.played import advantages
from data.scenario import RuleMode
from envs.environment_core import Setup
from envs.game.reward import penalty
from envs.kernel.computing.backend import Array, to_numpy
from envs.kernel.plans import concatenate
from envs.rules.check import violations

PARTS = ("cities", "play", "update")


class TorchLearner:
    """See agents.training.learner.Learner.

    Args:
        draw: draws the cities; they are prepared on the host, then moved to the device.
        setting: of the training.
        device: of games, lists, network and updates.
        games_in_numpy: play the games in NumPy, whose arrays share memory with torch's; None = on the CPU.
    """

    def __init__(
        self, draw: Draw, setting: TrainingSetting, device: str, *, games_in_numpy: bool | None = None
    ) -> None:
        """See the class."""
        in_numpy = device == "cpu" if games_in_numpy is None else games_in_numpy
        self.reference = np.zeros(1) if in_numpy else torch.zeros(1, device=device)
        self.draw, self.setting, self.device = draw, setting, torch.device(device)
        self.rng = np.random.default_rng(setting.seed)
        self.generator = torch.Generator(self.device).manual_seed(setting.seed)
        first = setting.first_parameters()
        self.network = {
            name: torch.nn.Parameter(torch.from_numpy(values).to(self.device)) for name, values in first.items()
        }
        self.adam = torch.optim.Adam(self.network.values(), lr=setting.learning_rate, eps=setting.adam_epsilon)
        self.iterations = self.steps = 0

    def iterate(self) -> Update:
        """See Learner."""
        clocks = [_clock()]
        cities = [self._city() for _ in range(self.setting.n_cities)]
        clocks.append(_clock())
        play = Play(
            cities,
            self.network,
            n_steps=self.setting.n_steps,
            n_villages=self.setting.n_villages,
            generator=self.generator,
        )
        last_value = play.go()
        charge_broken_rules(play)
        clocks.append(_clock())
        batch, value = whole_batch(play, last_value, self.setting)
        steps = gradient_steps(self.network, self.adam, batch, self._epochs(batch.list_of), self.setting)
        clocks.append(_clock())
        self.iterations += 1
        self.steps += len(value)
        returns = episode_returns(play)
        wall, processor = (dict(zip(PARTS, np.diff(row).tolist(), strict=True)) for row in zip(*clocks, strict=True))
        return Update(
            iteration=self.iterations,
            steps=self.steps,
            n_decisions=len(value),
            n_episodes=len(returns),
            episode_return=float(np.mean(returns)) if returns else float("nan"),
            entropy=steps.entropy,
            value_loss=steps.value_loss,
            explained_variance=explained_variance(value, batch.returns),
            policy_loss=steps.policy_loss,
            loss=steps.loss,
            kl=steps.kl,
            clip_fraction=steps.clip_fraction,
            seconds=wall,
            processor_seconds=processor,
        )

    def _city(self) -> CityGames:
        """A city with the weights of all episodes that its rows may come to play."""
        setup, setting = self.draw(self.rng), self.setting
        return city_games(setup, self.rng, n_rows=setting.n_episodes, n_steps=setting.n_steps, reference=self.reference)

    def _epochs(self, list_of: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
        """Mini-batches of every epoch: lists in an order of its own, decisions of a list together."""
        for _ in range(self.setting.n_epochs):
            rank = torch.rand(int(list_of.max()) + 1, generator=self.generator, device=self.device)
            order = torch.argsort(rank[list_of], stable=True)
            yield torch.split(order, self.setting.batch_size)

    # --- parameters and checkpoint --------------------------------------------------------------------------------

    def load_parameters(self, parameters: Parameters) -> None:
        """See Learner."""
        with torch.no_grad():
            for name, parameter in self.network.items():
                parameter.copy_(torch.from_numpy(parameters[name]))

    def parameters(self) -> dict[str, np.ndarray]:
        """See Learner."""
        return {name: p.detach().cpu().numpy().copy() for name, p in self.network.items()}

    def numbers(self) -> dict[str, np.ndarray]:
        """See Learner."""
        return adam_numbers(self.adam, self.network) | {"generator_state": self.generator.get_state().numpy()}

    def states(self) -> dict[str, Any]:
        """See Learner."""
        return {"env_rng": self.rng.bit_generator.state}

    def restore(self, numbers: dict[str, np.ndarray], states: dict[str, Any], *, iterations: int, steps: int) -> None:
        """See Learner."""
        restore_adam(self.adam, self.network, numbers)
        self.generator.set_state(torch.from_numpy(numbers["generator_state"]))
        self.rng.bit_generator.state = states["env_rng"]
        self.iterations, self.steps = iterations, steps


def city_games(setup: Setup, rng: np.random.Generator, *, n_rows: int, n_steps: int, reference: Array) -> CityGames:
    """Games of a city, with preferences for every episode that may begin within so many decisions of each row."""
    episodes = n_steps // setup.game.plan_years + 2  # every episode closes each of its years
    weights = draw_weights(n_rows * episodes, rng, len(setup.game.objectives))
    return CityGames(setup, weights.reshape(n_rows, episodes, -1), reference)


def charge_broken_rules(play: Play) -> None:
    """Take from the rewards what broken rules cost finished plans: the rule checker, once an iteration, on the host."""
    modes = (RuleMode.HARD, RuleMode.PENALIZED)
    for games in play.cities:
        ended = [each for each in play.finished if each.games is games]
        if not ended:
            continue
        game = games.setup.game
        plans = concatenate([each.plans.each(to_numpy) for each in ended])
        excess = violations(game.resolved, plans, modes=modes, precision=game.precision, threads=game.threads)[1]
        row, slot = (torch.cat([getattr(each, name) for each in ended]) for name in ("row", "slot"))
        lost = torch.from_numpy(penalty(excess)).to(play.decisions.reward)
        play.decisions.reward[row, slot] -= lost  # preferences sum to 1


def whole_batch(play: Play, last_value: torch.Tensor, setting: TrainingSetting) -> tuple[Batch, torch.Tensor]:
    """Everything that was played, ready to be learned from; and the values, shape (n,)."""
    played, n_steps = play.decisions, play.decisions.n_steps
    value = played.value[:, :n_steps]
    found = played.reward[:, :n_steps], value, played.ends[:, :n_steps], last_value
    advantage = advantages(*found, gamma=setting.gamma, gae_lambda=setting.gae_lambda)
    villages, candidates, city = play.lists.whole()
    flat = {name: getattr(played, name)[:, :n_steps].flatten(0, 1) for name in ("list_of", "choice", "may", "log_prob")}
    returns = (advantage + value).flatten()
    return Batch(villages, candidates, city, **flat, advantage=advantage.flatten(), returns=returns), value.flatten()


def episode_returns(play: Play) -> list[float]:
    """What every finished episode gained, in weighted anchor ranges."""
    played, n_steps = play.decisions, play.decisions.n_steps
    reward, ends = (to_numpy(each[:, :n_steps]) for each in (played.reward, played.ends))
    found: list[float] = []
    for of_row, row_ends in zip(reward, ends, strict=True):
        last = np.flatnonzero(row_ends)
        found += np.diff(np.concatenate([[0.0], np.cumsum(of_row, dtype=np.float64)[last]])).tolist()
    return found


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
