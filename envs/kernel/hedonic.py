"""Hedonic price: what the services and the density of an option do to the village's sale price (model section 8).

A table by village and option: nobody else's choice enters, and residents are those of the base year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.city import CATEGORIES
from envs.kernel.computing.backend import Array, array_namespace, at_most
from envs.kernel.services.accessibility import AccessModel, per_person_reached


@dataclass(frozen=True, eq=False)
class OwnServices:
    """What a village's own facilities do for it, in shares of the standard; shape (n_villages, n_categories).

    Attributes:
        base: met by all facilities as they stand, not capped.
        by_existing: of it, by the village's own.
        by_floor: by a m2 of new facility floor in the village [1/m2].
        by_land: by a m2 of new green and sports land in the village [1/m2].
        weights: of the categories, shape (n_categories,).
        before: met share that the base price stands for, shape (n_villages,).
    """

    base: Array
    by_existing: Array
    by_floor: Array
    by_land: Array
    weights: Array
    before: Array


@dataclass(frozen=True)
class Taste:
    """How buyers value services and density (parameters `hedonic.*`).

    Attributes:
        services: rise of the price from nothing met to everything met [share].
        density: elasticity of the price by floor area ratio, a loss [-].
        far_reference: floor area ratio at which density neither costs nor adds [-].
        far_least_ratio: density below this ratio to the reference adds no more [-].
        far_most_ratio: density above it costs no more [-].
    """

    services: float
    density: float
    far_reference: float
    far_least_ratio: float
    far_most_ratio: float


def own_services(
    model: AccessModel, residents: FloatArray, *, zone_idx: IntArray, price_of_zone: BoolArray
) -> OwnServices:
    """Base quantities of every village.

    Args:
        model: catchments.
        residents: of the base year, shape (n_places,) [persons].
        zone_idx: zone that contains each village, shape (n_villages,).
        price_of_zone: True where the village's price is its zone's, shape (n_villages,).

    Returns:
        The quantities; before = the village's met share, or its zone's where the price is its zone's.
    """
    per_person = [per_person_reached(decay.product(residents[:, None])) for decay in model.decay]
    of_itself = [decay.matrix.diagonal() * each[:, 0] for decay, each in zip(model.decay, per_person, strict=True)]
    met = np.stack(
        [
            model.decay[s].product(model.supply[:, k : k + 1] * per_person[s])[:, 0] / model.standard[k]
            for k, s in enumerate(model.scale_idx)
        ],
        axis=1,
    )
    villages = slice(model.n_zones, None)
    own = np.stack([of_itself[s][villages] / model.standard[k] for k, s in enumerate(model.scale_idx)], axis=1)
    share = np.minimum(met, 1.0) @ model.weights
    return OwnServices(
        base=met[villages],
        by_existing=own * model.supply[villages],
        by_floor=own * model.floor_split,
        by_land=own * model.land_split,
        weights=np.asarray(model.weights),
        before=np.where(price_of_zone, share[zone_idx], share[villages]),
    )


def met_with_option(services: OwnServices, rebuilt_share: Array, floor_m2: Array, land_m2: Array) -> Array:
    """Met share of a village if it alone takes its option, all completed, with the residents of the base year.

    Args:
        services: base quantities.
        rebuilt_share: rho, shape (n_plans, n_villages), as the two that follow: its facilities are lost.
        floor_m2: new facility floor, of the new and of the retained part.
        land_m2: new green and sports land.

    Returns:
        shape (n_plans, n_villages) [0..1].
    """
    xp = array_namespace(rebuilt_share)
    total = xp.zeros_like(rebuilt_share)
    for k in range(len(CATEGORIES)):
        met = services.base[:, k] - rebuilt_share * services.by_existing[:, k]
        met += floor_m2 * services.by_floor[:, k]
        met += land_m2 * services.by_land[:, k]
        total += services.weights[k] * at_most(met, 1.0)
    return total


def density_factor(floor_area_ratio: Array, rebuilt_share: Array, taste: Taste) -> Array:
    """Price of a density relative to that of the reference; 1 where nothing is rebuilt. Shapes as given.

    Example:
        >>> taste = Taste(services=0.1, density=0.1, far_reference=2.0, far_least_ratio=0.25, far_most_ratio=4.0)
        >>> density_factor(np.array([3.0, 3.0]), np.array([1.0, 0.0]), taste).round(5)
        array([0.96026, 1.     ])
    """
    xp = array_namespace(floor_area_ratio)
    ratio = xp.clip(floor_area_ratio / taste.far_reference, taste.far_least_ratio, taste.far_most_ratio)
    return xp.where(rebuilt_share > 0.0, ratio**-taste.density, xp.ones_like(ratio))


def hedonic_factor(services: OwnServices, taste: Taste, *, met: Array, density: Array) -> Array:
    r"""Sale price under the option relative to the base price: $(1 + b (met - before)) \cdot density$."""
    return (1.0 + taste.services * (met - services.before)) * density
