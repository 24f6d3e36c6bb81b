"""What /metrics says is as Prometheus wants it (what `promtool check metrics`
looks at), and the examples of etc name only what is there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, Daemon, Tap  # noqa: E402

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:{(.*)})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
# No two words for one unit, and none but the base units.
WRONG_UNITS = ("_ms", "_milliseconds", "_us", "_microseconds", "_minutes",
               "_hours", "_kib", "_mib", "_kilobytes", "_megabytes", "_percent")
# Every label, and how many values it may have.
LABELS = {"route": 60, "method": 8, "code": 40, "kind": 10, "reason": 4,
          "version": 1, "plugin": 10, "le": 20}


class Exposition:
    def __init__(self, text):
        self.help, self.type, self.series, self.faults = {}, {}, [], []
        family = None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family, _, words = line[7:].partition(" ")
                if family in self.help or not words.endswith("."):
                    self.faults.append(f"{family}: two HELPs, or no sentence")
                self.help[family] = words
            elif line.startswith("# TYPE "):
                name, _, kind = line[7:].partition(" ")
                if name != family or name in self.type:
                    self.faults.append(f"{name}: TYPE is not below its HELP")
                self.type[name] = kind
            else:
                self.take(family, line)

    def take(self, family, line):
        match = LINE.match(line)
        if not match:
            self.faults.append(f"no line of a metric: {line}")
            return
        name, text, value = match.groups()
        labels = dict(LABEL.findall(text or ""))
        if LABEL.sub("", text or ""):
            self.faults.append(f"labels are malformed: {line}")
        base = name
        if self.type.get(family) == "histogram":
            base = re.sub(r"_(bucket|sum|count)$", "", name)
        if base != family:
            self.faults.append(f"{name} stands below {family}")
        self.series.append((name, labels, float(value)))

    def names(self):
        return {name for name, _, _ in self.series}


def lint(found):
    faults = list(found.faults)
    for name, kind in found.type.items():
        if kind == "counter" and not name.endswith("_total"):
            faults.append(f"{name}: a counter ends with _total")
        if kind != "counter" and name.endswith("_total"):
            faults.append(f"{name}: only a counter ends with _total")
        if kind == "histogram" and not name.endswith("_seconds"):
            faults.append(f"{name}: ours are of seconds")
        if re.search(r"_(bucket|count|sum)$", name):
            faults.append(f"{name}: its end is of a histogram")
        if not re.fullmatch(r"(tellerd|process)_[a-z0-9_]+", name):
            faults.append(f"{name}: not our prefix, or not lower case")
        if any(unit + "_" in name + "_" for unit in WRONG_UNITS):
            faults.append(f"{name}: its unit is none of the base units")
        if kind not in ("counter", "gauge", "histogram"):
            faults.append(f"{name}: {kind} is no type")
    for name in set(found.help) ^ set(found.type):
        faults.append(f"{name}: HELP or TYPE is missing")
    seen = set()
    values = {}
    for name, labels, value in found.series:
        key = name, tuple(sorted(labels.items()))
        if key in seen:
            faults.append(f"{key} stands twice")
        seen.add(key)
        if value < 0:
            faults.append(f"{key} is below 0")
        for label, text in labels.items():
            values.setdefault(label, set()).add(text)
    for label, texts in values.items():
        if len(texts) > LABELS.get(label, 0):
            faults.append(f"label {label} has {len(texts)} values")
    return faults + lint_histograms(found)


def lint_histograms(found):
    """Buckets rise, and the last one is +Inf and has all."""
    faults, rows = [], {}
    for name, labels, value in found.series:
        if name.endswith("_bucket"):
            rest = tuple(sorted(item for item in labels.items()
                                if item[0] != "le"))
            rows.setdefault((name[:-7], rest), []).append((labels["le"], value))
    counts = {(name[:-6], tuple(sorted(labels.items()))): value
              for name, labels, value in found.series if name.endswith("_count")}
    for key, buckets in rows.items():
        bounds = [float(le) for le, _ in buckets]
        numbers = [value for _, value in buckets]
        if bounds != sorted(bounds) or numbers != sorted(numbers) or \
                buckets[-1][0] != "+Inf" or numbers[-1] != counts.get(key):
            faults.append(f"{key}: {buckets}")
    return faults


def check_dashboard(tap, found):
    with open(os.path.join(SOURCE, "etc/grafana-dashboard.json")) as f:
        dashboard = json.load(f)
    queries = [target["expr"] for panel in dashboard["panels"]
               for target in panel["targets"]]
    queries += [variable["query"]["query"]
                for variable in dashboard["templating"]["list"]
                if variable["type"] == "query"]
    named = {name for query in queries
             for name in re.findall(r"\b(?:tellerd|process)_[a-z0-9_]+", query)}
    tap.ok(len(named) > 15, "the dashboard looks at much of it", named)
    tap.equal(named - found.names(), set(),
              "and at nothing that is not there")
    by = {label for query in queries for words in
          re.findall(r"by \(([^)]*)\)|{{(\w+)}}", query) for part in words
          for label in part.replace(",", " ").split()}
    known = {label for _, labels, _ in found.series for label in labels}
    tap.equal(by - known, set(), "by labels that are there")
    kinds = set(re.findall(r'kind=~?"([a-z|]+)"', " ".join(queries)))
    kinds = {kind for words in kinds for kind in words.split("|")}
    there = {labels["kind"] for _, labels, _ in found.series if "kind" in labels}
    tap.equal(kinds - there, set(), "and with values that there are")
    ids = [panel["id"] for panel in dashboard["panels"]]
    tap.equal(len(ids), len(set(ids)), "no two panels have one id")
    tap.ok(all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
               for panel in dashboard["panels"]), "they fit into the width")


def check_promtool(tap, text):
    promtool = shutil.which("promtool")
    if not promtool:
        tap.skip("promtool finds nothing", "promtool (prometheus) is missing")
        return
    run = subprocess.run([promtool, "check", "metrics"], input=text.encode(),
                         capture_output=True)
    tap.equal((run.returncode, run.stderr), (0, b""), "promtool finds nothing")
    example = os.path.join(SOURCE, "etc/prometheus.yml")
    run = subprocess.run([promtool, "check", "config", example],
                         capture_output=True)
    tap.equal(run.returncode, 0, "nor in the example of etc")
    with open(example) as f, tempfile.NamedTemporaryFile("w") as whole:
        whole.write(re.sub(r"(?m)^  #(?! )(.*)$|^  #(  .*)$", r"  \1\2",
                           f.read()))
        whole.flush()
        # The file of the key is not there.
        run = subprocess.run([promtool, "check", "config", "--syntax-only",
                              whole.name], capture_output=True)
        with open(whole.name) as f:
            tap.ok(run.returncode == 0 and f.read().count("\n  - job_name") == 2,
                   "nor in what is switched off there", run.stderr)


def main():
    tap = Tap()
    with Daemon().start() as daemon:
        id, auth = daemon.conversation()
        daemon.send(id, auth, "What does a current account cost?")
        daemon.ask("Hello")
        for i in range(50):
            daemon.request("GET", f"/nowhere/{i}")
            daemon.request("GET", f"/v1/conversations/cnv_{i}", headers=auth)
        daemon.request("POST", "/livez", b"x")
        status, headers, data = daemon.request("GET", "/metrics")
        tap.equal((status, headers["Content-Type"]),
                  (200, "text/plain; version=0.0.4; charset=utf-8"),
                  "/metrics is served in the text format")
        text = data.decode()
        found = Exposition(text)
        tap.ok(len(found.type) > 20, "there are many", found.type)
        tap.equal(lint(found), [], "names, units, helps and labels are right")
        resident = [value for name, _, value in found.series
                    if name == "process_resident_memory_bytes"]
        tap.ok(resident and 1e6 < resident[0] < 1e10, "memory is in bytes",
               resident)
        check_dashboard(tap, found)
        check_promtool(tap, text)
    bad = Exposition('# HELP a_ms x\n# TYPE a_ms counter\na_ms{b="1"} -1\n')
    tap.ok(len(lint(bad)) >= 6, "what is wrong would be found", lint(bad))
    tap.done()


main()
