"""The figures of the real incidents in test/fixtures/incidents, from the raw file alone.

Nothing of Muster is used, and no library beyond Python's own. Run it from anywhere:

    python3 test/golden/github.py > test/golden/github.json

Lengths are in seconds. Percentiles are nearest rank: the value at place ceil(p * n) of n in order.
The mean is told as a sum, so that no rounding hides a difference. All times of the file are whole
minutes, so downtime is counted as a set of minutes: two outages cannot count one of them twice.
"""

import json
import math
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

RAW = Path(__file__).parent.parent / "fixtures/incidents/github-status-2022-2024.jsonl"
SEVERITY = {"critical": "SEV1", "major": "SEV2", "minor": "SEV3", "none": "SEV5"}
ZONES = ["UTC", "America/Los_Angeles", "Asia/Tokyo"]
DOWNTIME = {"SEV1", "SEV2"}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds(start, end):
    return int((end - start).total_seconds())


def figures(pairs):
    """What is told of some lengths, each from a start to an end: a reversed or empty one has no value."""
    lengths = [seconds(start, end) for start, end in pairs]
    valid = sorted(length for length in lengths if length > 0)

    def percentile(p):
        return valid[math.ceil(p * len(valid)) - 1] if valid else None

    return {
        "incidents": len(lengths),
        "n": len(valid),
        "sum": sum(valid),
        "median": percentile(0.5),
        "p90": percentile(0.9),
        "p95": percentile(0.95),
        "zero": lengths.count(0),
        "invalid": sum(length < 0 for length in lengths),
    }


def grouped(incidents, key):
    groups = {}
    for one in incidents:
        groups.setdefault(key(one), []).append((one["started"], one["resolved"]))
    return {name: figures(groups[name]) for name in sorted(groups)}


def year_figures(incidents, year):
    start = datetime(year, 1, 1, tzinfo=timezone.utc)
    end = datetime(year + 1, 1, 1, tzinfo=timezone.utc)
    first, last = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    minutes = set()
    for one in incidents:
        begun = int(one["down_from"].timestamp()) // 60
        ended = int(one["down_to"].timestamp()) // 60
        if one["severity"] in DOWNTIME and ended > begun:
            minutes.update(range(max(begun, first), min(ended, last)))
    failures = sum(one["severity"] in DOWNTIME and start <= one["started"] < end for one in incidents)
    window, down = (last - first) * 60, len(minutes) * 60
    return {
        "window": window,
        "downtime": down,
        "failures": failures,
        "mtbf": (window - down) / failures if failures else None,
        "availability": 1 - down / window,
    }


def main():
    raw = [json.loads(line) for line in RAW.read_text(encoding="utf-8").splitlines()]
    incidents = []
    for row in raw:
        if row["impact"] == "maintenance":
            continue
        window = row["impact_window"] or {}
        started, resolved = instant(row["started_at"]), instant(row["resolved_at"])
        incidents.append({
            "severity": SEVERITY[row["impact"]],
            "started": started,
            "resolved": resolved,
            "impact": instant(window["start_at"]) if window else None,
            "down_from": instant(window["start_at"]) if window else started,
            "down_to": instant(window["end_at"]) if window else resolved,
        })
    print(json.dumps({
        "rows": len(raw),
        "all": figures([(one["started"], one["resolved"]) for one in incidents]),
        "recover": figures(
            [(one["impact"], one["resolved"]) for one in incidents if one["impact"]]
        ),
        "bySeverity": grouped(incidents, lambda one: one["severity"]),
        "byMonth": {
            zone: grouped(
                incidents,
                lambda one: one["started"].astimezone(ZoneInfo(zone)).strftime("%Y-%m"),
            )
            for zone in ZONES
        },
        "byYear": {str(year): year_figures(incidents, year) for year in (2022, 2023, 2024)},
    }, indent="\t"))


main()
