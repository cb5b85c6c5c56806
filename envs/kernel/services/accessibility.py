"""Service accessibility: enhanced two-step floating catchment between areas, against the standard (model section 7).

Luo & Qi 2009, with the expected Gaussian between two areas as decay. States are place-first, as in residents.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import iadd

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from data.arrays import BoolArray, FloatArray
from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.computing.backend import Array, SparseMatrix, array_namespace, at_most
from envs.kernel.computing.content_cache import cached_by_content


@dataclass(frozen=True, eq=False)
class AccessModel:
    """Constants of the catchments.

    Attributes:
        decay: one symmetric matrix g (n_places, n_places) per distinct scale.
        scale_idx: the matrix of each category.
        standard: supply per person, shape (n_categories,) [m2/person].
        weights: category weights, shape (n_categories,), sum 1.
        supply: existing supply, shape (n_places, n_categories) [m2].
        floor_split: share of a village's new facility floor per category, shape (n_villages, n_categories).
        land_split: share of a village's new green and sports land per category, same shape.
    """

    decay: tuple[SparseMatrix, ...]
    scale_idx: tuple[int, ...]
    standard: Array
    weights: Array
    supply: Array
    floor_split: Array
    land_split: Array

    @property
    def n_zones(self) -> int:
        """Places before the first village."""
        return int(self.supply.shape[0] - self.floor_split.shape[0])


@dataclass(frozen=True, eq=False)
class FacilityStates:
    """What stands and what is new in the villages, each of shape (n_villages, n_columns).

    Attributes:
        standing: share of a village's existing facilities that stands [0..1].
        new_floor_m2: its new facility floor in use.
        new_land_m2: its new green and sports land in use.
    """

    standing: Array
    new_floor_m2: Array
    new_land_m2: Array

    def each(self, function: Callable[[Array], Array]) -> FacilityStates:
        """The same of other columns: a function of each of the three."""
        return FacilityStates(function(self.standing), function(self.new_floor_m2), function(self.new_land_m2))


def pair_decay(distance_km: FloatArray, half_spread_km2: FloatArray, scale_km: float, n_sigmas: float) -> FloatArray:
    r"""Expected Gaussian between the points of two areas.

    $$ g = \frac{s^2}{s^2 + v} \exp\left(-\frac{D^2}{2 (s^2 + v)}\right), \quad v = (r_i^2 + r_j^2)/4 $$
    and zero beyond the catchment, D > n_sigmas sqrt(s^2 + v).

    Args:
        distance_km: detoured centroid distance D, any shape [km].
        half_spread_km2: v, same shape [km2].
        scale_km: s [km].
        n_sigmas: catchment in effective scales [-].

    Returns:
        g, same shape [0..1].

    Example:
        >>> pair_decay(np.array([0.0, 1.0, 4.0]), np.zeros(3), scale_km=1.0, n_sigmas=3.0).round(4)
        array([1.    , 0.6065, 0.    ])
    """
    spread = scale_km**2 + half_spread_km2
    decay = scale_km**2 / spread * np.exp(-(distance_km**2) / (2.0 * spread))
    return np.where(distance_km <= n_sigmas * np.sqrt(spread), decay, 0.0)


@cached_by_content(max_entries=3)
def decay_matrices(
    x_km: FloatArray,
    y_km: FloatArray,
    area_km2: FloatArray,
    *,
    scales_km: tuple[float, ...],
    detour: float,
    n_sigmas: float,
) -> tuple[SparseMatrix, ...]:
    """Decay between all places within reach of each other; the widest scale finds the pairs of all.

    Args:
        x_km: centroids, shape (n_places,) [km].
        y_km: the same.
        area_km2: shape (n_places,) [km2].
        scales_km: s of the categories [km].
        detour: travel distance / straight distance [-].
        n_sigmas: catchment in effective scales [-].

    Returns:
        g of each scale, shape (n_places, n_places).
    """
    radius2 = area_km2 / np.pi
    reach_km = n_sigmas * np.sqrt(max(scales_km) ** 2 + (radius2 + radius2.max()) / 4.0) / detour
    points = np.column_stack([x_km, y_km])
    near = cKDTree(points).query_ball_point(points, reach_km, return_sorted=True)
    row = np.repeat(np.arange(x_km.size), [len(neighbors) for neighbors in near])
    column = np.fromiter(chain.from_iterable(near), dtype=np.int64, count=row.size)
    distance_km = detour * np.hypot(x_km[row] - x_km[column], y_km[row] - y_km[column])
    half_spread_km2 = (radius2[row] + radius2[column]) / 4.0
    shape, matrices = (x_km.size, x_km.size), []
    for scale_km in scales_km:
        value = pair_decay(distance_km, half_spread_km2, scale_km, n_sigmas)
        kept = value > 0.0
        matrices.append(SparseMatrix(sparse.csr_array((value[kept], (row[kept], column[kept])), shape=shape)))
    return tuple(matrices)


def per_person_reached(reached: Array) -> Array:
    """1 / persons within reach; 0 where nobody is, so that a facility that reaches nobody serves nobody."""
    xp = array_namespace(reached)
    somebody = reached > 0.0
    if bool(xp.all(somebody)):
        return 1.0 / reached
    return xp.where(somebody, 1.0 / xp.where(somebody, reached, xp.ones_like(reached)), xp.zeros_like(reached))


def access_per_person(supply: Array, reached: Array, decay: SparseMatrix) -> Array:
    """Supply within reach per person, the two steps of the catchment for one category.

    Args:
        supply: S_j, shape (n_places, n_columns) [m2].
        reached: sum_i P_i g_ij, same shape [persons].
        decay: g.

    Returns:
        A_i = sum_j g_ij S_j / reached_j, same shape [m2/person].
    """
    return decay.product(supply * per_person_reached(reached))


def met_share(access: Array, standard: Array, worth: float | Array = 1.0) -> Array:
    """Share of the standard that is met, capped at 1, times what it is worth; access and standard in m2 per person.

    Example:
        >>> met_share(np.array([0.1, 0.2, 0.5]), 0.2)
        array([0.5, 1. , 1. ])
    """
    return at_most(access * (worth / standard), worth)


def village_supply(category: int, model: AccessModel, states: FacilityStates, out: Array | None = None) -> Array:
    """Supply of one category in the villages; that of the zones is model.supply and never changes.

    Args:
        category: index.
        model: constants.
        states: of the villages' facilities.
        out: where it is written, shape (n_villages, n_columns); None = a new array.

    Returns:
        shape (n_villages, n_columns) [m2].
    """
    xp = array_namespace(states.standing)
    is_land = CATEGORIES[category] in LAND_CATEGORIES
    split, new_m2 = (model.land_split, states.new_land_m2) if is_land else (model.floor_split, states.new_floor_m2)
    supply_m2 = xp.multiply(model.supply[model.n_zones :, category][:, None], states.standing, out=out)
    supply_m2 += split[:, category][:, None] * new_m2
    return supply_m2


def each_access(residents: Array, model: AccessModel, states: FacilityStates) -> Iterator[tuple[int, Array]]:
    """Supply within reach per person, category by category, in the order of their scales.

    One at a time, so that what is at work stays in a processor's cache where the columns are few.

    Args:
        residents: P, shape (n_places, n_columns) [persons].
        model: constants.
        states: of the villages' facilities.

    Yields:
        Category and its supply per person, shape (n_places, n_columns) [m2/person].
    """
    xp, n_zones = array_namespace(residents), model.n_zones
    for scale, decay in enumerate(model.decay):
        per_person = per_person_reached(decay.product(residents))
        for category in (k for k, its_scale in enumerate(model.scale_idx) if its_scale == scale):
            ratio, of_zones = xp.empty_like(residents), model.supply[:n_zones, category][:, None]
            xp.multiply(of_zones, per_person[:n_zones], out=ratio[:n_zones])
            villages = village_supply(category, model, states, out=ratio[n_zones:])
            villages *= per_person[n_zones:]
            yield category, decay.product(ratio)


def access_by_category(residents: Array, model: AccessModel, states: FacilityStates) -> list[Array]:
    """Supply within reach per person for each category.

    Args:
        residents: P, shape (n_places, n_columns) [persons].
        model: constants.
        states: of the villages' facilities.

    Returns:
        One array of shape (n_places, n_columns) per category [m2/person].
    """
    access = dict(each_access(residents, model, states))
    return [access[category] for category in range(len(access))]


def mean_met_share(access: Iterable[tuple[int, Array]], model: AccessModel) -> Array:
    """Category-weighted met share of each place; shape (n_places, n_columns) [0..1].

    Args:
        access: every category and its supply per person: from each_access, or enumerated.
        model: constants.
    """
    return reduce(iadd, (met_share(found, model.standard[k], model.weights[k]) for k, found in access))


def mean_over_residents(by_place: Array, residents: Array) -> Array:
    """Mean weighted by residents; 0 where nobody lives. Shapes (n_places, n_columns) to (n_columns,)."""
    xp = array_namespace(residents)
    total = xp.sum(residents, axis=0)
    return xp.sum(by_place * residents, axis=0) / xp.where(total > 0.0, total, xp.ones_like(total))


def shortage_split(shortage_m2: FloatArray, standard: FloatArray, members: BoolArray) -> FloatArray:
    """How a village divides new supply over the member categories.

    Args:
        shortage_m2: base-year shortage, shape (n_villages, n_categories), >= 0 [m2].
        standard: shape (n_categories,) [m2/person].
        members: True for the categories that share this supply, shape (n_categories,).

    Returns:
        Shares, shape (n_villages, n_categories); rows sum to 1, non-members are 0. Where there is no shortage the
        standard decides.
    """
    wanted = np.where(members, shortage_m2, 0.0)
    total = wanted.sum(axis=1, keepdims=True)
    by_standard = np.where(members, standard, 0.0)
    by_standard = by_standard / by_standard.sum()
    return np.where(total > 0.0, wanted / np.where(total > 0.0, total, 1.0), by_standard)


def gini(values: Array, weights: Array) -> Array:
    """Weighted Gini coefficient of each column.

    Args:
        values: shape (n_places, n_columns), >= 0.
        weights: residents, same shape.

    Returns:
        shape (n_columns,): 0 = equal. Area form over the Lorenz curve (trapezoids).

    Example:
        Half of the people have everything.

        >>> gini(np.array([[0.0], [1.0]]), np.array([[50.0], [50.0]]))
        array([0.5])
    """
    xp = array_namespace(values)
    values, weights = (xp.permute_dims(array, (1, 0)) for array in (values, weights))
    order = xp.argsort(values, axis=1, stable=False)
    value = xp.take_along_axis(values, order, axis=1)
    weight = xp.take_along_axis(weights, order, axis=1)
    total_weight = xp.sum(weight, axis=1)
    owned = xp.cumulative_sum(value * weight, axis=1)
    everything = owned[:, -1]
    total = xp.where(everything > 0.0, everything, xp.ones_like(everything))
    before = owned - value * weight
    area = xp.sum(weight * (owned + before), axis=1) / (2.0 * total_weight * total)
    return xp.where(everything > 0.0, 1.0 - 2.0 * area, xp.zeros_like(area))
