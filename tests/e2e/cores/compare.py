#!/usr/bin/env python3
"""What a core holds of a service, against what was played.

    compare.py icinga EXPECTED.json < the last check result, from Icinga's API, with its own parsed perfdata
    compare.py nagios EXPECTED.json HOST SERVICE < status.dat

Prints one line for each difference; exit 0 where there is none. Of times the play knows when they began, to some seconds.
"""

import json
import re
import sys

SLACK = 2  # seconds: a log's stamps are cut, a check starts a moment later
JOURNEY = 10  # seconds: and its result comes by ssh, NRPE or an agent
UNITS = {"bytes": "B", "seconds": "s", "percent": "%", "": ""}
METRIC = re.compile(r"'?([^=' ]+)'?=([-0-9.]+)([a-zA-Z%]*)((?:;[^; ]*){0,4})(?: |$)")


def of_icinga(text):
    """Icinga 2's own reading: numbers only, a limit with a colon is lost there (so null); the text keeps the blank before the |."""
    (answer,) = json.loads(text)["results"]
    assert answer["code"] == 200, answer["status"]
    result = answer["result"]
    metrics = {}
    for metric in result["perfdata"]:
        assert metric["counter"] is False, metric
        metrics[metric["label"]] = {
            "value": metric["value"],
            "unit": UNITS[metric["unit"]],
            **{key: metric[key] for key in ("warn", "crit", "min", "max")},
        }
    return result["state"], result["output"].split("\n")[0].rstrip(), metrics, result["at"]


def of_nagios(text, host, service):
    """Nagios keeps perfdata as it came; graphers read it by the guidelines' grammar."""
    for block in text.split("\n\n"):
        values = dict(line.strip().split("=", 1) for line in block.splitlines() if "=" in line)
        if block.startswith("servicestatus") and (values["host_name"], values["service_description"]) == (host, service):
            break
    else:
        sys.exit(f"no service {host}/{service} in status.dat")
    metrics, rest = {}, values["performance_data"]
    while rest:
        found = METRIC.match(rest)
        assert found, f"not perfdata: {rest}"
        limits = (found[4].split(";") + [""] * 5)[1:5]
        metrics[found[1]] = {"value": float(found[2]), "unit": found[3]}
        metrics[found[1]] |= {key: limit or None for key, limit in zip(("warn", "crit", "min", "max"), limits)}
        rest = rest[found.end() :]
    return int(values["current_state"]), values["plugin_output"], metrics, int(values["last_check"])


def number(core, limit):
    """A limit as this core holds it."""
    if limit is None or (core == "icinga" and ":" in str(limit)):
        return None
    return limit if ":" in str(limit) else float(limit)


def differences(core, expected, state, text, metrics, at):
    if state != expected["state"]:
        yield f"state {state} instead of {expected['state']}: {text}"
    if not re.fullmatch(expected["text"], text):
        yield f"text {text!r} instead of {expected['text']!r}"
    if set(metrics) != set(expected["perfdata"]):
        yield f"labels {sorted(set(metrics) ^ set(expected['perfdata']))} on one side only"
    for label, wanted in expected["perfdata"].items():
        found = metrics.get(label, {})
        if found and not fits(wanted, found["value"], at):
            yield f"{label} is {found['value']} at {at}, played was {wanted}"
        for key, default in (("unit", ""), ("warn", None), ("crit", None), ("min", None), ("max", None)):
            want, have = wanted.get(key, default), found.get(key, default)
            if key != "unit":
                want, have = number(core, want), number(core, have)
            if want != have:
                yield f"{label}: {key} is {have}, not {want}"


def fits(wanted, value, at):
    if "about" in wanted:
        return abs(value - wanted["about"]) <= SLACK
    if "since" in wanted:
        return abs(value - (at - wanted["since"])) <= JOURNEY
    return value == float(wanted["value"])


def main():
    core, path, *which = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)
    text = sys.stdin.read()
    found = of_icinga(text) if core == "icinga" else of_nagios(text, *which)
    wrong = list(differences(core, expected, *found))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)


main()
