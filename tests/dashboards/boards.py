"""The dashboards as data: panels, queries, variables, links. Reads dashboards/*.json alone."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dashboards"
LINK = re.compile(r"/d/(?P<uid>[^?]+)\?(?P<query>.*)")


class Query:
    def __init__(self, panel, body):
        self.panel, self.ref, self.expr = panel, body.get("refId", ""), body["expr"]
        self.instant, self.body = body.get("instant", False), body

    @property
    def name(self):
        return f"{self.panel.name}, {self.ref}"


class Panel:
    def __init__(self, board, body, collapsed=False):
        self.board, self.body, self.collapsed = board, body, collapsed
        self.type, self.title = body["type"], body.get("title", "")
        self.queries = [Query(self, target) for target in body.get("targets", [])]

    @property
    def name(self):
        return f"{self.board.name}, {self.title}"

    @property
    def defaults(self):
        return self.body.get("fieldConfig", {}).get("defaults", {})

    @property
    def overrides(self):
        """Name of the column or query -> property -> value."""
        return {
            one["matcher"]["options"]: {p["id"]: p.get("value") for p in one["properties"]}
            for one in self.body.get("fieldConfig", {}).get("overrides", [])
        }

    @property
    def mappings(self):
        found = list(self.defaults.get("mappings", []))
        for properties in self.overrides.values():
            found += properties.get("mappings", [])
        return found

    @property
    def columns(self):
        """Names of the columns of a table, as they are shown."""
        for step in self.body.get("transformations", []):
            if step["id"] == "organize":
                return set(step["options"]["renameByName"].values())
        return set()

    @property
    def labels(self):
        """Columns of a table that show labels -> their unit."""
        for step in self.body.get("transformations", []):
            if step["id"] == "organize":
                shown = step["options"]["renameByName"].items()
                names = [title for name, title in shown if not name.startswith("Value")]
                return {name: self.overrides.get(name, {}).get("unit") for name in names}
        return {}

    @property
    def links(self):
        return [l["url"] for p in self.overrides.values() for l in p.get("links", [])]


class Board:
    def __init__(self, name, body):
        self.name, self.body, self.uid = name, body, body.get("uid")
        self.title = body.get("title", "")
        self.variables = {v["name"]: v for v in body.get("templating", {}).get("list", [])}
        self.annotations = body.get("annotations", {}).get("list", [])

    @property
    def bodies(self):
        """All panels, those in collapsed rows and the rows themselves among them."""
        return [body for body, _ in self._bodies()]

    def _bodies(self):
        for body in self.body.get("panels", []):
            yield body, False
            yield from ((inner, True) for inner in body.get("panels", []))

    @property
    def panels(self):
        return [Panel(self, *pair) for pair in self._bodies() if pair[0]["type"] != "row"]

    @property
    def queries(self):
        return [query for panel in self.panels for query in panel.queries]

    @property
    def links(self):
        links = [link["url"] for link in self.body.get("links", [])]
        return links + [url for panel in self.panels for url in panel.links]

    @property
    def expressions(self):
        """(what it belongs to, the expression): of panels and annotations."""
        found = [(query.name, query.expr) for query in self.queries]
        return found + [(f"{self.name}, annotation", a["expr"]) for a in self.annotations]


def load_boards():
    paths = sorted(FOLDER.glob("*.json"))
    return [Board(path.stem, json.loads(path.read_text())) for path in paths]


def substituted(text, values):
    """Grafana's variables replaced; those without a value are left as they are."""
    for name, value in values.items():
        text = re.sub(r"\$\{%s\}|\$%s\b" % (name, name), lambda _: value, text)
    return text


def variables_in(text):
    return {a or b for a, b in re.findall(r"\$\{(\w+)[^}]*\}|\$(\w+)", text)}


# What Grafana itself puts in.
BUILT_IN = {"__rate_interval": "1m", "__interval": "15s", "__range": "1h"}
EXAMPLES = {**BUILT_IN, "rows": "20"}
