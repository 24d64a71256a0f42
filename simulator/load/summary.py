"""A run's load in a few figures: how late, how long, how many; for run.json and for one screen."""

from collections.abc import Mapping
from typing import Any, Final

from simulator.load.histogram import Latencies
from simulator.load.pace import Report
from simulator.schema.latency import CAUSES, CENSORED, MEASURES, OWN, RESPONSE, UNSENT

QUANTILES: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}


def summarise(latencies: Latencies, reports: Mapping[int, Report], played_s: float) -> dict[str, Any]:
    """Give the figures; times in ms, by quantile. `bounds` names the times that are lower bounds, because requests were given up around them.

    `offered`: payloads that fell due; `payloads`: those of them that were not still waiting when the run ended, whatever became of them.
    """
    offered = latencies.total(RESPONSE)
    figures: dict[str, Any] = {"payloads": offered - latencies.total(RESPONSE, *UNSENT), "offered": offered, "per_s": 0.0}
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
        "own_lag_worst_second": _worst(latencies),
        "causes": {name: n for name, n in causes.items() if n},
        "censored": sum(causes[CAUSES[cause]] for cause in CENSORED),
        "cpu_share": round(max((report.cpu_s for report in reports.values()), default=0.0) / seconds, 3),
        "computing_share": round(max((report.computing_s for report in reports.values()), default=0.0) / seconds, 3),
        **counts,
        "connections_per_s": round(counts["connections"] / seconds, 1),
        "handshakes_per_s": round(counts["handshakes"] / seconds, 1),
    }


def _worst(latencies: Latencies) -> dict[str, float]:
    """Give the p99 of the own lags of the payloads that fell due in the second in which it was highest."""
    found = latencies.worst_second(OWN, QUANTILES["p99"])
    return {"second": found[0], "p99": round(found[1], 3)} if found else {}


def lines_of(load: Mapping[str, Any]) -> list[str]:
    """Give the lines of the screen."""
    if not load.get("offered"):
        return []
    response = "  ".join(f"{name} {_ms(load, 'response', name)}" for name in QUANTILES)
    others = "  ".join(f"{measure.replace('_', ' ')} {_ms(load, measure, 'p99')}" for measure in ("service", "wait", "own_lag"))
    if worst := load.get("own_lag_worst_second"):
        others += f" ({_time(worst['p99'])} in the worst second)"
    of = f" of {load['offered']:,}" if load["payloads"] < load["offered"] else ""
    sent = f"{load['payloads']:,}{of} payloads, {load['per_s']:g}/s; {load['connections']:,} connections ({load['connections_per_s']:g}/s)"
    if load["handshakes"]:
        sent += f", {load['handshakes']:,} TLS handshakes ({load['handshakes_per_s']:g}/s, {load['resumed']:,} resumed)"
    failures = ", ".join(f"{name} {n:,}" for name, n in load["causes"].items() if name != "ok")
    return [f"response   {response}", f"p99        {others}", f"load       {sent}", *([f"not ok     {failures}"] if failures else [])]


def _ms(load: Mapping[str, Any], measure: str, quantile: str) -> str:
    value = load[f"{measure}_ms"].get(quantile)
    if value is None:
        return "-"
    return ">=" * (f"{measure}_{quantile}" in load["bounds"]) + _time(value)


def _time(ms: float) -> str:
    return f"{ms:.3g} ms" if ms < 999.5 else f"{ms / 1000:.3g} s"  # noqa: PLR2004 - what has three digits
