"""Built form: what is demolished, kept and built (model section 3)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from envs.kernel.computing.backend import Array, array_namespace


@dataclass(frozen=True, eq=False)
class BuiltForm:
    """Floor areas of a batch of plans, each of shape (n_plans, n_villages) [m2]; zero where a village is kept.

    Attributes:
        rebuilt_share: rho [0..1].
        demolished: existing floor torn down.
        retained: existing floor rehabilitated.
        new_floor: gross new floor G.
        facility_new: facility floor in the new part, from completion.
        facility_converted: facility floor in the retained part, from its rehabilitation.
        resettlement: housing for returning registered residents.
        industrial: collective industrial floor owned by the villagers.
        commodity: housing for sale.
        rental: housing for rent.
        employment: floor for jobs.
        green_land: new public green and sports land.
        shortfall: floor by which G misses what it must hold; positive = the plan is invalid.
    """

    rebuilt_share: Array
    demolished: Array
    retained: Array
    new_floor: Array
    facility_new: Array
    facility_converted: Array
    resettlement: Array
    industrial: Array
    commodity: Array
    rental: Array
    employment: Array
    green_land: Array
    shortfall: Array

    def counted(self, share: Array) -> BuiltForm:
        """The same times a share, shape (n_plans, n_villages), but for the shortfall, which says what cannot be."""
        names = (field.name for field in fields(self) if field.name != "shortfall")
        return replace(self, **{name: share * getattr(self, name) for name in names})


def obligated_floor_m2(
    rebuilt_share: Array,
    registered_residents: Array,
    *,
    onsite_share: float | Array,
    resettlement_m2: float,
    industrial_m2: float,
) -> tuple[Array, Array]:
    """Floor the rebuilt part owes the villagers: resettlement housing and collective industrial floor [m2].

    Args:
        rebuilt_share: rho, shape (..., n_villages).
        registered_residents: shape (n_villages,) [persons].
        onsite_share: share of them resettled on site, one number or of the shape of rebuilt_share [0..1].
        resettlement_m2: housing per person resettled on site [m2/person].
        industrial_m2: industrial floor per registered person [m2/person].

    Returns:
        Resettlement and industrial floor, each of the shape of rebuilt_share.

    Example:
        >>> obligated_floor_m2(
        ...     np.array([0.5]), np.array([800.0]), onsite_share=0.8, resettlement_m2=50.0, industrial_m2=10.0
        ... )
        (array([16000.]), array([4000.]))
    """
    registered = rebuilt_share * registered_residents
    return registered * (onsite_share * resettlement_m2), registered * industrial_m2


def without_commodity(land_use_shares: Array, rental_only: Array) -> Array:
    """On rental-only land the commodity share of any land use becomes rental housing.

    Args:
        land_use_shares: commodity, rental, employment, shape (n_plans, n_villages, 3).
        rental_only: True on collective land for rental only, shape (n_villages,).

    Returns:
        The same shape, with the same sums.

    Example:
        >>> without_commodity(np.array([[[0.6, 0.3, 0.1], [0.6, 0.3, 0.1]]]), np.array([False, True])).round(9)
        array([[[0.6, 0.3, 0.1],
                [0. , 0.9, 0.1]]])
    """
    xp = array_namespace(land_use_shares)
    commodity, rental, employment = (land_use_shares[..., use] for use in range(3))
    moved = xp.where(rental_only, commodity, xp.zeros_like(commodity))
    return xp.stack([commodity - moved, rental + moved, employment], axis=-1)


def built_form(
    *,
    renewed: Array,
    rebuilt_share: Array,
    floor_area_ratio: Array,
    facility_ratio: Array,
    land_use_shares: Array,
    site_area_m2: Array,
    existing_floor_m2: Array,
    registered_residents: Array,
    buildable_share: float,
    green_land_share: float,
    onsite_share: float | Array,
    resettlement_m2: float,
    industrial_m2: float,
) -> BuiltForm:
    r"""Floors of each village: $G = \rho \cdot FAR \cdot net\_site$, $F = f (G + retained)$, the rest by land use.

    Args:
        renewed: 1 where the village is renewed, shape (n_plans, n_villages).
        rebuilt_share: rho, same shape.
        floor_area_ratio: same shape.
        facility_ratio: f, same shape.
        land_use_shares: commodity, rental and employment share of what is left of G, shape (n_plans, n_villages, 3);
            all zero = everything left becomes facilities.
        site_area_m2: shape (n_villages,), as the two that follow.
        existing_floor_m2: gross floor area that stands today.
        registered_residents: persons.
        buildable_share: net site / site.
        green_land_share: public green and sports land / unbuildable land of the rebuilt part.
        onsite_share: share of registered residents resettled on site, one number or shape (n_plans, n_villages).
        resettlement_m2: m2 per person.
        industrial_m2: m2 per registered person.

    Returns:
        The floors; see BuiltForm.

    Example:
        A site of 100,000 m2, 60 % of it buildable, at a floor area ratio of 2: a tenth becomes facilities, 40,000 m2 of
        housing are owed to the villagers, and the rest is for sale.

        >>> form = built_form(
        ...     renewed=np.ones((1, 1)),
        ...     rebuilt_share=np.ones((1, 1)),
        ...     floor_area_ratio=np.array([[2.0]]),
        ...     facility_ratio=np.array([[0.1]]),
        ...     land_use_shares=np.array([[[1.0, 0.0, 0.0]]]),
        ...     site_area_m2=np.array([100_000.0]),
        ...     existing_floor_m2=np.array([90_000.0]),
        ...     registered_residents=np.array([800.0]),
        ...     buildable_share=0.6,
        ...     green_land_share=0.5,
        ...     onsite_share=0.8,
        ...     resettlement_m2=62.5,
        ...     industrial_m2=0.0,
        ... )
        >>> [floor.item() for floor in (form.new_floor, form.facility_new, form.resettlement, form.commodity)]
        [120000.0, 12000.0, 40000.0, 68000.0]
    """
    xp = array_namespace(renewed)
    rho = rebuilt_share * renewed
    new_floor = rho * floor_area_ratio * (site_area_m2 * buildable_share)
    retained = (renewed - rho) * existing_floor_m2
    ratio = facility_ratio * renewed
    resettlement, industrial = obligated_floor_m2(
        rho,
        registered_residents,
        onsite_share=onsite_share,
        resettlement_m2=resettlement_m2,
        industrial_m2=industrial_m2,
    )
    left = new_floor * (1.0 - ratio) - resettlement - industrial
    free = xp.clip(left, 0.0, None)
    commodity, rental, employment = (free * land_use_shares[..., use] for use in range(3))
    return BuiltForm(
        rebuilt_share=rho,
        demolished=rho * existing_floor_m2,
        retained=retained,
        new_floor=new_floor,
        facility_new=ratio * new_floor + (free - commodity - rental - employment),
        facility_converted=ratio * retained,
        resettlement=resettlement,
        industrial=industrial,
        commodity=commodity,
        rental=rental,
        employment=employment,
        green_land=rho * (site_area_m2 * ((1.0 - buildable_share) * green_land_share)),
        shortfall=xp.clip(-left, 0.0, None),
    )
