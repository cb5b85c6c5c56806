"""Price of the option and consent of a trace."""

from __future__ import annotations

from functools import cached_property

from envs.kernel.computing.backend import Array
from envs.kernel.consent import Offer, consent_share, least_multiplier, offer
from envs.kernel.hedonic import density_factor, hedonic_factor, met_with_option
from envs.kernel.tracing.floors_and_people import FloorsAndPeople


class PriceAndConsent(FloorsAndPeople):
    """What new housing sells for, what villagers are offered, and how many agree."""

    @cached_property
    def sale_price_cny_per_m2(self) -> Array:
        """Price of new housing with the services and the density of the option, base year, (n_plans, n_villages)."""
        services, taste, form = self.constants.services, self.resolved.taste, self.option_form
        factor = hedonic_factor(
            services,
            taste,
            met=met_with_option(
                services, form.rebuilt_share, form.facility_new + form.facility_converted, form.green_land
            ),
            density=density_factor(self.plans.floor_area_ratio, form.rebuilt_share, taste),
        )
        return self.constants.prices.sale_price_cny_per_m2 * factor

    @cached_property
    def offer(self) -> Offer:
        """What registered residents have and are offered, shape (n_plans, n_villages) [CNY per person]."""
        return offer(
            self.constants.claims,
            onsite_share=self.onsite_share,
            price_cny_per_m2=self.sale_price_cny_per_m2,
            resettlement_price_cny_per_m2=self.resolved.unit_costs.resettlement_price_cny_per_m2,
        )

    @cached_property
    def consent_multiplier(self) -> Array:
        """Multiplier of the cash offered, shape (n_plans, n_villages): the plan's, else the least for consent."""
        cap = self.resolved.book.number("consent.cap")
        least = least_multiplier(self.offer, ratio=self.resolved.consent_ratio, cap=cap)
        asked = self.xp.where(self.option_form.rebuilt_share > 0.0, least, self.xp.ones_like(least))
        return self._given(self.plans.compensation_multiplier, asked)

    @cached_property
    def consent(self) -> Array:
        """Share of registered households who agree, shape (n_plans, n_villages); 1 where nothing is rebuilt."""
        share = consent_share(self.consent_multiplier, self.offer, self.resolved.voters)
        return self.xp.where(self.option_form.rebuilt_share > 0.0, share, self.xp.ones_like(share))
