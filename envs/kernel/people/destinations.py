"""What people find where they settle: means over the zones that displaced people of a village live in (section 5)."""

from __future__ import annotations

from envs.kernel.computing.backend import Array, array_namespace, product
from envs.kernel.people.zone_room import Overflow


def mean_where_settled(
    by_zone: Array, leaver_share: Array, overflow: Overflow | None, columns: Array
) -> tuple[Array, Array]:
    r"""Means of quantities over the zones where the displaced people of each village live.

    $$ \sum_z P_{nz} (k_z q_z + (1 - k_z) \bar q) $$ A full zone keeps the share k of those who ask for it; those it
    turns away live where the others received them, and those for whom no zone has room where their group asked for.

    Args:
        by_zone: quantities q of the zones, shape (n_zones, n_quantities, n_plans).
        leaver_share: P, shape (n_zones, n_villages); columns sum to 1.
        overflow: how full zones turned people away, over all columns; None where none did.
        columns: column of each plan in the year, shape (n_plans,).

    Returns:
        Of registered residents and of tenants, shape (n_villages, n_quantities, n_plans) each.
    """
    asked_for = _mean_by_village(leaver_share, by_zone)
    if overflow is None:
        return asked_for, asked_for
    xp = array_namespace(by_zone)
    full, plan = xp.nonzero(overflow.columns[:, None] == columns[None, :])
    if plan.shape[0] == 0:
        return asked_for, asked_for
    quantities, kept = by_zone[:, :, plan], overflow.kept[:, full]
    stay = _mean_by_village(leaver_share, kept[:, None] * quantities)
    turned_away = 1.0 - product(xp.permute_dims(leaver_share, (1, 0)), kept)
    groups = []
    for group in range(2):
        found = _mean_of_turned_away(quantities, overflow, full, group)
        settled = xp.asarray(asked_for, copy=True)
        settled[:, :, plan] = stay + turned_away[:, None] * found[None]
        groups.append(settled)
    return groups[0], groups[1]


def _mean_by_village(leaver_share: Array, by_zone: Array) -> Array:
    xp = array_namespace(by_zone)
    columns = xp.reshape(by_zone, (by_zone.shape[0], -1))
    mean = product(xp.permute_dims(leaver_share, (1, 0)), columns)
    return xp.reshape(mean, (mean.shape[0], *by_zone.shape[1:]))


def _mean_of_turned_away(quantities: Array, overflow: Overflow, full: Array, group: int) -> Array:
    """Means over those whom full zones turned away, shape (n_quantities, n_full)."""
    xp = array_namespace(quantities)
    received, unhoused = overflow.received[:, full], overflow.unhoused[full]
    asked = overflow.asked[:, group, full]
    everybody = xp.sum(asked, axis=0)
    at_asked = xp.sum(asked[:, None] * quantities, axis=0) / xp.where(everybody > 0.0, everybody, 1.0)
    total = xp.sum(received, axis=0) + unhoused
    found = xp.sum(received[:, None] * quantities, axis=0) + unhoused * at_asked
    return found / xp.where(total > 0.0, total, xp.ones_like(total))
