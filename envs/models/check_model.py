"""Whether a model says of itself what a search and a game need, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.catalogue import Message, message
from data.errors import refuse
from envs.choices.year_assignment import assign_years
from envs.models.model import Evaluation, Model


def check_model(model: Model) -> None:
    """Refuse a model that contradicts itself.

    Raises:
        InputError: names what is wrong first, and what it must be.
    """
    for problem in _problems(model):
        raise refuse(problem, layer=type(model).__name__)


def check_outcomes(model: Model) -> None:
    """Refuse a model whose outcomes of two plans, the one that does least and one that does more, have no meaning.

    Raises:
        InputError: shapes other than the model says, or numbers that are not finite.
    """
    start = np.repeat(np.argmax(model.start_mask, axis=1)[None], 2, axis=0)
    start[1] = model.start_mask.shape[1] - 1 - np.argmax(model.start_mask[:, ::-1], axis=1)
    option = np.repeat(np.argmax(model.option_mask, axis=1)[None], 2, axis=0)
    reached = Evaluation(*model.evaluate(start, option))
    for name, found, n in (
        ("objectives", reached.objectives, len(model.objectives)),
        ("violations", reached.violations, len(model.rules)),
    ):
        if np.shape(found) != (2, n):
            told = message("model_shape", name=name, wanted=f"(n_plans, {n})", found=f"{np.shape(found)} (n_plans = 2)")
            raise refuse(told, layer=type(model).__name__)
        if not np.isfinite(found).all():
            raise refuse(message("model_not_finite", name=name), layer=type(model).__name__)


def _problems(model: Model) -> Iterator[Message]:
    """What is wrong, one after the other; later checks rely on earlier ones."""
    n_villages, n_options = np.shape(model.option_mask)
    n_years = np.shape(model.start_mask)[1] - 1
    wanted = {
        "signs": (len(model.objectives),),
        "option_mask": (n_villages, n_options),
        "start_mask": (n_villages, n_years + 1),
        "quota": (n_years,),
    }
    for name, shape in wanted.items():
        if np.shape(getattr(model, name)) != shape:
            yield message("model_shape", name=name, wanted=str(shape), found=str(np.shape(getattr(model, name))))
    if not model.objectives or len(set(model.objectives)) < len(model.objectives):
        yield message("model_objectives", names=list(model.objectives))
    if not np.isin(model.signs, (-1.0, 1.0)).all():
        yield message("model_signs", found=str(np.asarray(model.signs).tolist()))
    if (np.asarray(model.quota) < 0).any():
        yield message("model_quota", found=str(np.asarray(model.quota).tolist()))
    if not np.any(model.start_mask, axis=1).all():
        yield message("model_village_without_year", n=int((~np.any(model.start_mask, axis=1)).sum()))
    startable = np.any(model.start_mask[:, 1:], axis=1)
    without = startable & ~np.any(model.option_mask, axis=1)
    if without.any():
        yield message("model_village_without_option", n=int(without.sum()))
    indifferent = np.where(model.start_mask, 0.0, -np.inf)
    year, _ = assign_years(indifferent, model.quota, exactly=model.exact_quota)
    count = np.bincount(year, minlength=n_years + 1)[1:]
    if (count > model.quota).any() or (model.exact_quota and (count != model.quota).any()):
        wrong = int(np.flatnonzero(count != model.quota if model.exact_quota else count > model.quota)[0])
        yield message("model_quota_impossible", year=wrong + 1, n=int(count[wrong]), quota=int(model.quota[wrong]))
