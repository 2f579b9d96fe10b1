#!/usr/bin/env python3
"""Runs every query of the dashboard against a Prometheus that has scraped traffic, and follows every link to the docs.

usage: dashboard.py http://PROMETHEUS:9090
"""

import json
import re
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/dashboards/fou-gateway.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
# What Grafana puts in: all gateways, and four scrape intervals.
VARIABLES = {"$instance": ".+", "$__rate_interval": "20s"}


def query(server: str, expression: str) -> list[dict]:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    address = f"{server}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(address, timeout=20) as answer:
        return json.load(answer)["data"]["result"]


def complaints_about_target(server: str, title: str, target: dict) -> list[str]:
    try:
        series = query(server, target["expr"])
    except urllib.error.HTTPError as error:
        return [f"{title}: {target['expr']}: {error.read().decode()}"]
    if not series:
        return [f"{title}: no data: {target['expr']}"]
    if all(sample["value"][1] == "NaN" for sample in series):
        return [f"{title}: not a number: {target['expr']}"]
    used = re.findall(r"{{(\w+)}}", target["legendFormat"])
    return [f"{title}: legend uses label {label}, which is not there" for label in used if label not in series[0]["metric"]]


def complaints_about_link(where: str, url: str) -> list[str]:
    """Takes docs/page.md#heading; a heading that is a label's value stands for every drop reason."""
    path, _, heading = url.partition("#")
    page = ROOT / path
    if not page.is_file():
        return [f"{where}: {path} does not exist"]
    headings = {line.lstrip("#").strip().lower() for line in page.read_text().splitlines() if line.startswith("##")}
    if heading and not re.search(r"[${]", heading) and heading not in headings:
        return [f"{where}: {path} has no heading {heading}"]
    return []


def main(server: str) -> int:
    dashboard = json.loads(DASHBOARD.read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    complaints, queries, links = [], 0, []
    for panel in panels:
        for target in panel["targets"]:
            complaints += complaints_about_target(server, panel["title"], target)
            queries += 1
        for link in panel.get("links", []) + panel["fieldConfig"]["defaults"].get("links", []):
            links.append((panel["title"], link["url"]))
    links += [("dashboard", link["url"]) for link in dashboard["links"]]
    links += [("alerts.yml", url) for url in re.findall(r'runbook_url: "?([^"\n]+)', ALERTS.read_text())]
    for where, url in links:
        complaints += complaints_about_link(where, url.replace("${docs:raw}", "docs"))
    print("\n".join(complaints) or f"{len(panels)} panels, {queries} queries with data, {len(links)} links that lead somewhere")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
