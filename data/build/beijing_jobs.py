"""Beijing's jobs: those of legal units, of individual businesses and of agriculture, by district and by zone."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from data.build.beijing_sources import DISTRICTS, centers_of, committees_by_town, facts, layout
from data.build.beijing_zones import SAMPLE_M, Samples
from data.synthesis.zones import apportion

KINDS = ("legal units", "individual businesses", "agriculture")
LIKE_PINGGU = ("密云区", "延庆区")  # as many of their residents work in agriculture as of Pinggu's
RURAL_PER_KM2 = 2000.0  # agriculture thins out where this many people live and more


def jobs_by_kind() -> IntArray:
    """Jobs of each kind and district, whole numbers; shape (3, 16).

    Legal units: the economic census, those of the development area (经开区) counted in Daxing. Individual businesses:
    the city's total, like residents. Agriculture: Pinggu's figure, its rate per resident in two districts like it,
    and the rest of the city's total by village committees.
    """
    residents = np.array([facts().number(f"pop2020.{name}") for name in DISTRICTS])
    units = np.array([facts().number(f"jobs2023.{name}") for name in DISTRICTS])
    units[DISTRICTS.index("大兴区")] += facts().number("jobs2023.经开区")
    own = apportion(residents, round(facts().number("selfemployed2013.city")))
    pinggu = facts().number("agriculture2016.平谷区")
    rate = pinggu / facts().number("pop2020.平谷区")
    farming = np.where(np.isin(DISTRICTS, LIKE_PINGGU), np.round(rate * residents), 0.0)
    farming[DISTRICTS.index("平谷区")] = pinggu
    committees = np.array([sum(committees_by_town().get(name, {}).values()) for name in DISTRICTS])
    others = np.where(farming > 0.0, 0.0, committees)
    farming += apportion(others, round(facts().number("agriculture2016.city") - farming.sum()))
    return np.stack([units, own, farming]).round().astype(np.int64)


def jobs_by_district() -> list[int]:
    """Jobs of all kinds by district."""
    return [int(jobs) for jobs in jobs_by_kind().sum(axis=0)]


def job_weights(samples: Samples, zone_idx: IntArray, n_zones: int) -> FloatArray:
    """Sketched jobs of each zone, villages included: each kind's district total by its weights; shape (n_zones,)."""
    weights = np.stack([_unit_weights(samples), samples.residents, _rural_weights(samples)])
    jobs = np.zeros(samples.residents.size)
    for weight, total in zip(weights, jobs_by_kind(), strict=True):
        jobs += weight * (total / np.bincount(samples.district_idx, weight))[samples.district_idx]
    return np.bincount(zone_idx, jobs, n_zones).astype(np.float64)


def _unit_weights(samples: Samples) -> FloatArray:
    """Clusters, and a local part like residents."""
    clusters = centers_of({k: [*v[:3], v[3] / v[2] ** 2] for k, v in layout()["job_clusters"].items()})
    at_sample = clusters.field(*(samples.xy_m / 1000.0).T)
    share = layout()["jobs_local_share"]
    return (1.0 - share) * at_sample / at_sample.sum() + share * samples.residents / samples.residents.sum()


def _rural_weights(samples: Samples) -> FloatArray:
    density = samples.residents / (SAMPLE_M / 1000.0) ** 2
    return samples.residents * np.exp(-density / RURAL_PER_KM2)
