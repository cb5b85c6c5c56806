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
    yield from _of_arrays(model)
    yield from _of_objectives(model)
    yield from _of_names(model)
    yield from _of_choices(model)


def _of_arrays(model: Model) -> Iterator[Message]:
    for name, key, kind, n in (
        ("option_mask", "model_mask", "b", 2),
        ("start_mask", "model_mask", "b", 2),
        ("quota", "model_whole_numbers", "iu", 1),
    ):
        array = np.asarray(getattr(model, name))
        if array.ndim != n or array.dtype.kind not in kind:
            yield message(key, name=name, found=f"{array.dtype} {array.shape}")
    n_villages, n_starts = np.shape(model.start_mask)
    wanted = {
        "signs": (len(model.objectives),),
        "option_mask": (n_villages, np.shape(model.option_mask)[1]),
        "quota": (n_starts - 1,),
    }
    for name, shape in wanted.items():
        if np.shape(getattr(model, name)) != shape:
            yield message("model_shape", name=name, wanted=str(shape), found=str(np.shape(getattr(model, name))))


def _of_objectives(model: Model) -> Iterator[Message]:
    if not model.objectives or len(set(model.objectives)) < len(model.objectives):
        yield message("model_objectives", names=list(model.objectives))
    if not np.isin(model.signs, (-1.0, 1.0)).all():
        yield message("model_signs", found=str(np.asarray(model.signs).tolist()))


def _of_names(model: Model) -> Iterator[Message]:
    n_villages, n_options = np.shape(model.option_mask)
    ids, labels = [str(name) for name in model.village_id], model.option_labels
    if len(ids) != n_villages or len(set(ids)) < n_villages:
        yield message("model_village_ids", n=n_villages, found=len(set(ids)))
    if len(labels) != n_options or any(not {"en", "zh"} <= set(words) for words in labels):
        yield message("model_option_labels", n=n_options, found=len(labels))


def _of_choices(model: Model) -> Iterator[Message]:
    quota = np.asarray(model.quota)
    if (quota < 0).any():
        yield message("model_quota", found=str(quota.tolist()))
    nowhere = ~np.any(model.start_mask, axis=1)
    if nowhere.any():
        yield message("model_village_without_year", n=int(nowhere.sum()))
    without = np.any(model.start_mask[:, 1:], axis=1) & ~np.any(model.option_mask, axis=1) & ~model.fixed_mask
    if without.any():
        yield message("model_village_without_option", n=int(without.sum()))
    indifferent = np.where(model.start_mask, 0.0, -np.inf)
    year, _ = assign_years(indifferent, quota, exactly=model.exact_quota)
    count = np.bincount(year, minlength=quota.size + 1)[1:]
    wrong = np.flatnonzero(count != quota if model.exact_quota else count > quota)
    if wrong.size:
        n, most = int(count[wrong[0]]), int(quota[wrong[0]])
        yield message("model_quota_impossible", year=int(wrong[0]) + 1, n=n, quota=most)
