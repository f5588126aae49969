"""Reads the committed dashboards."""
import json
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
FILES = sorted((ROOT / "grafana/dashboards").glob("*.json"))


def dashboard(file):
    return json.loads(file.read_text())


def panels(board):
    """All panels with data, including those in collapsed rows."""
    for panel in board["panels"]:
        yield from panel.get("panels", [])
        if panel["type"] != "row":
            yield panel


def filled_in(expression, variables):
    """The expression as Grafana would send it."""
    for name, value in sorted(variables.items(), reverse=True):
        expression = expression.replace(name, value)
    return expression
