"""A resolved scenario: every constant that the evaluation of plans needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from data.city import City
from data.parameter_book import Book
from data.scenario import Bargaining, Scenario
from envs.kernel.agreements import Agreements
from envs.kernel.commute import GravityModel
from envs.kernel.computing.backend import Array, SparseMatrix, array_namespace, like
from envs.kernel.consent import Entitlements, Voters
from envs.kernel.futures.price_futures import FuturesOfCity, PriceFutures, futures_of_city
from envs.kernel.futures.robust_names import looks_at_futures
from envs.kernel.hedonic import OwnServices, Taste
from envs.kernel.markets import DistrictMarkets
from envs.kernel.people.fates import LivesBefore, PersonTypes
from envs.kernel.people.residents import Settlement
from envs.kernel.project_account import UnitCosts, VillagePrices
from envs.kernel.services.accessibility import AccessModel
from envs.kernel.services.nearest import NearestModel
from envs.kernel.timing import Clock

_casting = Lock()


@dataclass(frozen=True, eq=False)
class Base:
    """The base year and the fixed attributes of places.

    Attributes:
        residents: shape (n_places,) [persons].
        workers: shape (n_places,) [persons].
        jobs: J0 with those of the villages in the zone, shape (n_zones,) [jobs].
        registered: shape (n_villages,) [persons].
        tenants: shape (n_villages,) [persons].
        village_jobs: shape (n_villages,) [jobs].
        site_area_m2: shape (n_villages,).
        existing_floor_m2: shape (n_villages,).
        rebuilt_share: rho by intensity, shape (3,).
        land_use_shares: commodity, rental, employment by land use, shape (5, 3).
        rental_only: True on collective land for rental only, shape (n_villages,).
        district_idx: of the villages, shape (n_villages,).
        place_district_idx: shape (n_places,).
        zone_idx: zone that contains the village, shape (n_villages,).
    """

    residents: Array
    workers: Array
    jobs: Array
    registered: Array
    tenants: Array
    village_jobs: Array
    site_area_m2: Array
    existing_floor_m2: Array
    rebuilt_share: Array
    land_use_shares: Array
    rental_only: Array
    district_idx: Array
    place_district_idx: Array
    zone_idx: Array


@dataclass(frozen=True, eq=False)
class Constants:
    """All arrays of a resolved scenario, in one library, on one device and with one dtype for states.

    `agreements` is what bargaining brings; None where it is off, or has not been attached yet.
    """

    base: Base
    prices: VillagePrices
    markets: DistrictMarkets
    claims: Entitlements
    services: OwnServices
    settlement: Settlement
    gravity: GravityModel
    access: AccessModel
    nearest: NearestModel
    lives: LivesBefore
    village_zone: SparseMatrix
    agreements: Agreements | None = None


@dataclass(frozen=True, eq=False)
class ResolvedScenario:
    """A city, a scenario and a parameter book, ready to evaluate plans.

    Attributes:
        city: what is given.
        scenario: what is allowed and wanted.
        book: parameters with the scenario's overrides.
        clock: calendar.
        unit_costs: unit costs and shares.
        decay: of commuting, in the scenario's form of deterrence: gamma [1/km^0.5] or beta [1/km].
        taste: how buyers value services and density.
        voters: groups of registered households.
        person_types: residents by group and wage band, and what changes are worth to them.
        consent_ratio: offer / reservation at which consent reaches the threshold, the same everywhere [x].
        constants: arrays, float64 NumPy; money constants are never cast down.
    """

    city: City
    scenario: Scenario
    book: Book
    clock: Clock
    unit_costs: UnitCosts
    decay: float
    taste: Taste
    voters: Voters
    person_types: PersonTypes
    consent_ratio: float
    constants: Constants

    @property
    def onsite_share(self) -> float:
        """Share of registered residents resettled on site."""
        return onsite_share(self.scenario, self.book)

    @property
    def agreements(self) -> Agreements | None:
        """What bargaining brings; None where it is off, or has not been attached yet."""
        return self.constants.agreements

    def with_agreements(self, agreements: Agreements) -> ResolvedScenario:
        """The same with what bargaining brings."""
        return replace(self, constants=replace(self.constants, agreements=agreements))

    @cached_property
    def without_bargaining(self) -> ResolvedScenario:
        """The same with bargaining off: what parties bargain over, and what plans are worth if all is agreed on."""
        if self.scenario.bargaining is Bargaining.OFF:
            return self
        off = self.scenario.model_copy(update={"bargaining": Bargaining.OFF})
        return replace(self, scenario=off, constants=replace(self.constants, agreements=None))

    @property
    def parameter_digests(self) -> tuple[str, ...]:
        """Of the parameters that outcomes hang on: those of bargaining and futures only where they are looked at."""
        of_bargaining = () if self.scenario.bargaining is Bargaining.OFF else (self.book.bargaining_digest,)
        of_futures = (self.book.futures_digest,) if looks_at_futures(self.scenario) else ()
        return self.book.digest, *of_bargaining, *of_futures

    @cached_property
    def digest(self) -> str:
        """SHA-256 of city, scenario and parameters, those of bargaining where outcomes read it."""
        text = "|".join((self.city.digest, self.scenario.digest, *self.parameter_digests))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def _futures_of_city(self) -> FuturesOfCity:
        n_years = self.clock.last_flow_year + 1
        return futures_of_city(self.book, self.constants.markets, self.scenario.futures, n_years)

    def price_futures_like(self, reference: Array, tolerance: float) -> PriceFutures:
        """The scenario's futures in the library and on the device of `reference`, float64; drawn once.

        Args:
            reference: an array.
            tolerance: of money in a future, relative to sales.
        """
        key = ("futures", type(reference), str(getattr(reference, "device", "cpu")), tolerance)
        with _casting:
            if key not in self._casts:
                drawn = self._futures_of_city.price_futures(tolerance)
                self._casts[key] = cast_arrays(drawn, reference, array_namespace(reference).float64)
            futures: PriceFutures = self._casts[key]
            return futures

    @cached_property
    def _casts(self) -> dict[Any, Any]:
        return {}

    def constants_like(self, reference: Array, dtype: Any) -> Constants:  # noqa: ANN401 - a dtype of any library
        """The constants in the library and on the device of `reference`, states in `dtype`; computed once.

        Base-year and money arrays stay float64: they are small, and floors and money are computed from them.
        """
        key = (type(reference), str(getattr(reference, "device", "cpu")), str(dtype))
        with _casting:  # threads that begin together share one copy
            if key not in self._casts:
                c, float64 = self.constants, array_namespace(reference).float64
                self._casts[key] = Constants(
                    base=cast_arrays(c.base, reference, float64),
                    prices=cast_arrays(c.prices, reference, float64),
                    markets=cast_arrays(c.markets, reference, float64),
                    claims=cast_arrays(c.claims, reference, float64),
                    services=cast_arrays(c.services, reference, float64),
                    settlement=cast_arrays(c.settlement, reference, dtype),
                    gravity=cast_arrays(c.gravity, reference, dtype),
                    access=cast_arrays(c.access, reference, dtype),
                    nearest=cast_arrays(c.nearest, reference, float64),
                    lives=cast_arrays(c.lives, reference, dtype),
                    village_zone=c.village_zone,
                    agreements=None if c.agreements is None else cast_arrays(c.agreements, reference, float64),
                )
            constants: Constants = self._casts[key]
            return constants


def cast_arrays(tree: Any, reference: Array, dtype: Any) -> Any:  # noqa: ANN401 - any of the dataclasses above
    """Copy a dataclass of arrays to another library and dtype; integers and sparse matrices keep theirs.

    Args:
        tree: dataclass whose fields are arrays, tuples of arrays, dataclasses of arrays, or anything else (kept).
        reference: an array of the library, on the device.
        dtype: of the floats.
    """
    changes: dict[str, Any] = {}
    for item in fields(tree):
        value = getattr(tree, item.name)
        if isinstance(value, np.ndarray):
            changes[item.name] = like(value, reference, dtype=dtype if value.dtype.kind == "f" else None)
        elif isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
            changes[item.name] = tuple(like(v, reference, dtype=dtype if v.dtype.kind == "f" else None) for v in value)
        elif is_dataclass(value) and not isinstance(value, SparseMatrix):
            changes[item.name] = cast_arrays(value, reference, dtype)
    return replace(tree, **changes)


def onsite_share(scenario: Scenario, book: Book) -> float:
    """Share resettled on site: the scenario's, else the book's."""
    share = scenario.onsite_resettlement_share
    return book.number("comp.return_share") if share is None else share
