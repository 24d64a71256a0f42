r"""Persistence of pauses: of a user's pace, a visit's pace, and of the part of the mixture from which pauses come.

With x the logarithm of a pause, u^2 and v^2 the variances of users' and visits' factors, B the variance between the mixture's parts and `keep` the
share of pauses that stay with the part of the one before, two pauses of one visit that are k steps apart have the covariance

    c_k = u^2 + v^2 + B keep^k

and two pauses of one user in different visits have u^2. `keep` and u^2 + v^2 are fitted to c_1 .. c_LAGS, weighted by pairs; u^2 is the covariance of
the mean pauses of a user's visits.

Not all of a pause is at the person's pace: trips, idling and waiting are not, and they are most of a long one. With a share t of such pauses all
these are (1 - t)^2 times what they should be. How many are shorter than most pauses shows it: a trip is none of them, so with S the survival
function that the mixture has at pace 1, and a normal of variance u^2, the indicators of x > c have the covariance

    Var S(c - a)

between visits, as far as the share of pauses below c is not one of trips. The u that this has says what 1 / (1 - t)^2 is.
"""

from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.sessions import Sessions, of_gaps

LAGS: Final = 6
NORMAL: Final = np.vectorize(NormalDist().cdf)
KEEPS: Final = np.linspace(0, 0.95, 96)
QUICK: Final = (0.3, 0.4, 0.5)
"""Shares of pauses that are below c: quicker ones are of the load, slower ones of trips. Of three the least u counts: where the law of pauses does
not hold between its parts, one of them says too much."""
FIRM: Final = 3_000  # assumed: visits that a user has beside the first; of fewer, chance does more than trips do
GROUPS: Final = 10
SURE: Final = 2.8  # of Student's t with 9 degrees of freedom, 1 % are above it
MOST: Final = 0.3  # assumed: 1 - (1 - t)^2 is not above it
LEFT: Final = 0.2  # assumed: at least this share of each part's variance is left to it


class Pace(NamedTuple):
    """Sigmas of the logarithms of the persistent factors, and `keep`."""

    visit: float
    user: float
    keep: float
    depth: float = 0.0
    """People get quicker: the k-th pause of a visit is k^-depth times as long as the first."""


def covariances(s: Sessions, x: Floats) -> list[tuple[float, int]]:
    """Give the covariance of pauses of one session that are 1 .. LAGS apart, each with its number of pairs."""
    found = []
    for lag in range(1, LAGS + 1):
        pairs = s.gap_session[lag:] == s.gap_session[:-lag]
        a, b = x[:-lag][pairs], x[lag:][pairs]
        found.append((float(((a - a.mean()) * (b - b.mean())).mean()) if len(a) else 0.0, len(a)))
    return found


def between_users(s: Sessions, x: Floats) -> tuple[float, float]:
    """Give the covariance of the mean pauses of a user's sessions, and of how many; users count by their sessions less one."""
    session, user = np.unique(np.stack([s.gap_session, s.gap_user]), axis=1, return_inverse=False) if len(x) else np.zeros((2, 0), np.int64)
    _, place = np.unique(s.gap_session, return_inverse=True)
    mean = np.bincount(place, x, minlength=len(session)) / np.maximum(np.bincount(place, minlength=len(session)), 1)
    count = np.bincount(user, minlength=s.users)
    away = mean - mean[count[user] > 1].mean() if (count > 1).any() else mean * 0
    total = np.bincount(user, away, minlength=s.users)
    squares = np.bincount(user, away**2, minlength=s.users)
    many = count > 1
    pairs = float((count[many] - 1).sum())
    return (max(float(((total**2 - squares)[many] / count[many]).sum()) / pairs, 0.0) if pairs else 0.0), pairs


def shown(s: Sessions, x: Floats, parts: Mixture) -> float:
    """Give (1 - t)^2, which of the covariances of pauses is left; 1 where too few say so, or it is not surely less (jackknife; Efron 1982)."""
    if between_users(s, x)[1] < FIRM:
        return 1.0
    left = _shown(s, x, parts)
    others = [s.gap_user % GROUPS != i for i in range(GROUPS)]
    each = np.array([_shown(of_gaps(s, some), x[some], parts) for some in others])
    error = float(np.sqrt((GROUPS - 1) * each.var()))
    return max(left, 1 - MOST) if 1 - left > SURE * error else 1.0


def _shown(s: Sessions, x: Floats, parts: Mixture) -> float:
    quick = [_of_indicators(between_users(s, (x > c).astype(np.float64))[0], parts, float(c)) for c in np.quantile(x, QUICK)]
    return between_users(s, x)[0] / max(min(quick), 1e-9)


def _of_indicators(covariance: float, parts: Mixture, c: float) -> float:
    """Give the u^2 under which indicators of x > c have this covariance, by bisection."""
    z = np.linspace(-4, 4, 41)
    weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    low, high = 0.0, (1 - LEFT) * float((parts.sigmas**2).min())
    for _ in range(30):
        middle = (low + high) / 2
        above = sum(
            w * NORMAL((np.sqrt(middle) * z + m - c) / np.sqrt(sigma**2 - middle))
            for w, m, sigma in zip(parts.weights, parts.means, parts.sigmas, strict=True)
        )
        if float(weight @ above**2 - (weight @ above) ** 2) < covariance:
            low = middle
        else:
            high = middle
    return low


def narrowest(s: Sessions, x: Floats, left: float = 1.0) -> float:
    """Give the sigma that each part of a mixture needs, so that what pauses far apart in a visit share has room in it; `left`: of `shown`."""
    far = [(value, pairs) for value, pairs in covariances(s, x)[LAGS // 2 :] if pairs]
    shared = sum(value * pairs for value, pairs in far) / max(sum(pairs for _, pairs in far), 1)
    return float(np.sqrt(max(shared, 0.0) / left / (1 - LEFT)))


def depth(s: Sessions, x: Floats, page: Ints) -> float:
    """Give by which power of their place in the session pauses get shorter (least squares on the logarithms), 0 to 1.

    Pauses of a page are compared with others of that page: those on which visits begin are not those on which they go on. Sessions count alike,
    whatever their pauses: long ones, which are few and those of quick people, would else decide.
    """
    weight = 1 / np.bincount(s.gap_session)[s.gap_session]
    k = np.log(s.place)
    away = weight * (k - (np.bincount(page, weight * k) / np.bincount(page, weight).clip(1e-12))[page])
    return float(np.clip(-(away @ x) / max(away @ k, 1e-12), 0.0, 1.0))


def fit(s: Sessions, x: Floats, parts: Mixture, power: float = 0.0, left: float = 1.0) -> Pace:
    """Fit the persistence of pauses with logarithms x, one per gap of the sessions, from which `power` of their depth is taken out.

    `left`: what is left of their covariances (`shown`).
    """
    found = covariances(s, x)
    c, n = np.array([value / left for value, _ in found]), np.array([pairs for _, pairs in found], np.float64)
    if not n.sum():
        return Pace(0.0, 0.0, 0.0, power)
    steps = parts.between * KEEPS[:, None] ** np.arange(1, LAGS + 1)
    most = (1 - LEFT) * float((parts.sigmas**2).min())
    shared = np.clip(((c - steps) * n).sum(1) / n.sum(), 0.0, most)
    best = int((((c - steps - shared[:, None]) ** 2) * n).sum(1).argmin())
    both = float(shared[best])
    user = min(between_users(s, x)[0] / left, both)
    return Pace(visit=float(np.sqrt(both - user)), user=float(np.sqrt(user)), keep=float(KEEPS[best]), depth=power)


def without(parts: Mixture, pace: Pace) -> Mixture:
    """Give the mixture whose pauses, at these paces, have the law that was fitted: the factors' variances are taken out of each part's."""
    return parts._replace(sigmas=np.sqrt(parts.sigmas**2 - pace.user**2 - pace.visit**2))
