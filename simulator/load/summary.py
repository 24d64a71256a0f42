"""A run's load in a few figures: how late, how long, how many; for run.json and for one screen."""

from collections.abc import Mapping
from typing import Any, Final

from simulator.load.histogram import Latencies
from simulator.load.pace import Pace, Report
from simulator.schema.latency import CAUSES, CENSORED, MEASURES, RESPONSE

QUANTILES: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}


def summarise(latencies: Latencies, pace: Pace, reports: Mapping[int, Report], played_s: float) -> dict[str, Any]:
    """Give the figures; times in ms, by quantile. A time around which requests were given up is a lower bound: `bounds` names those."""
    figures: dict[str, Any] = {"payloads": latencies.total(RESPONSE), "offered": pace.due, "per_s": 0.0}
    bounds = []
    for number, measure in enumerate(MEASURES):
        found = {name: latencies.quantile(number, q) for name, q in QUANTILES.items()}
        figures[f"{measure}_ms"] = {name: round(quantile.ms, 3) for name, quantile in found.items() if quantile}
        bounds += [f"{measure}_{name}" for name, quantile in found.items() if quantile and quantile.is_bound]
    causes = {name: latencies.total(RESPONSE, number) for number, name in enumerate(CAUSES)}
    counts = {name: sum(report.counts.get(name, 0) for report in reports.values()) for name in ("connections", "handshakes", "resumed")}
    seconds = max(played_s, 1e-9)
    return figures | {
        "per_s": round(figures["payloads"] / seconds, 1),
        "bounds": bounds,
        "causes": {name: n for name, n in causes.items() if n},
        "censored": sum(causes[CAUSES[cause]] for cause in CENSORED),
        "cpu_share": round(max((report.cpu_s for report in reports.values()), default=0.0) / seconds, 3),
        **counts,
        "connections_per_s": round(counts["connections"] / seconds, 1),
        "handshakes_per_s": round(counts["handshakes"] / seconds, 1),
    }


def lines_of(load: Mapping[str, Any]) -> list[str]:
    """Give the lines of the screen."""
    if not load.get("payloads"):
        return []
    response = "  ".join(f"{name} {_ms(load, 'response', name)}" for name in QUANTILES)
    others = "  ".join(f"{measure.replace('_', ' ')} {_ms(load, measure, 'p99')}" for measure in ("service", "wait", "own_lag"))
    sent = f"{load['payloads']:,} payloads, {load['per_s']:g}/s; {load['connections']:,} connections ({load['connections_per_s']:g}/s)"
    if load["handshakes"]:
        sent += f", {load['handshakes']:,} TLS handshakes ({load['handshakes_per_s']:g}/s, {load['resumed']:,} resumed)"
    failures = "".join(f", {name} {n:,}" for name, n in load["causes"].items() if name != "ok")
    return [f"response   {response}", f"p99        {others}", f"load       {sent}{failures}"]


def _ms(load: Mapping[str, Any], measure: str, quantile: str) -> str:
    value = load[f"{measure}_ms"].get(quantile)
    if value is None:
        return "-"
    return f"{'>=' if f'{measure}_{quantile}' in load['bounds'] else ''}{value:.3g} ms"
