"""How far countries are ahead of UTC, for those whose days are local.

Standard time of the zone in which most people of the country live, in hours (tz database). assumed: one zone for each country, and no summer time.
"""

from collections.abc import Mapping
from typing import Final

from simulator.profile.types import Population

HOUR_MS: Final = 3_600_000
ZONES: Final[Mapping[str, float]] = {
    "AE": 4, "AR": -3, "AT": 1, "AU": 10, "BD": 6, "BE": 1, "BG": 2, "BO": -4, "BR": -3, "CA": -5, "CH": 1, "CL": -4, "CN": 8, "CO": -5, "CZ": 1,
    "DE": 1, "DK": 1, "DZ": 1, "EC": -5, "EG": 2, "ES": 1, "ET": 3, "FI": 2, "FR": 1, "GB": 0, "GH": 0, "GR": 2, "HK": 8, "HU": 1, "ID": 7, "IE": 0,
    "IL": 2, "IN": 5.5, "IQ": 3, "IR": 3.5, "IT": 1, "JP": 9, "KE": 3, "KR": 9, "KW": 3, "KZ": 5, "LK": 5.5, "MA": 1, "MM": 6.5, "MX": -6, "MY": 8,
    "NG": 1, "NL": 1, "NO": 1, "NP": 5.75, "NZ": 12, "PE": -5, "PH": 8, "PK": 5, "PL": 1, "PT": 0, "QA": 3, "RO": 2, "RS": 1, "RU": 3, "SA": 3,
    "SE": 1, "SG": 8, "TH": 7, "TN": 1, "TR": 3, "TW": 8, "TZ": 3, "UA": 2, "US": -5, "UY": -3, "UZ": 5, "VE": -4, "VN": 7, "ZA": 2,
}  # fmt: skip


def zone_ms(population: Population, country: str) -> int:
    """Give by how much a country's hours are ahead of UTC (ms); 0 where the hours are those of UTC."""
    if population.hours_in == "utc":
        return 0
    return round(population.zones.get(country, ZONES.get(country, 0)) * HOUR_MS)


def zones_of(population: Population) -> dict[int, float]:
    """Give the share of devices by how far their hours are ahead of UTC (ms)."""
    shares: dict[int, float] = {}
    for country, share in population.countries.items():
        zone = zone_ms(population, country)
        shares[zone] = shares.get(zone, 0.0) + share
    return shares
