"""Builds dashboards and their panels as Grafana JSON."""

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
LOKI = {"type": "loki", "uid": "${loki}"}
GREEN, YELLOW, RED = "green", "#EAB839", "red"


def target(expression, legend="", *, instant=False, table=False):
    """A query; the panel adds its letter."""
    return {"datasource": PROMETHEUS, "editorMode": "code", "expr": expression,
            "format": "table" if table else "time_series", "instant": instant, "range": not instant,
            "legendFormat": legend}


def panel(kind, title, description, targets, *, unit, width, height, options=None, defaults=None, datasource=PROMETHEUS,
          **more):
    """A panel of any kind."""
    for letter, one in zip("ABCDEFGHIJ", targets):
        one["refId"] = letter
    return {"type": kind, "title": title, "description": description, "datasource": datasource, "targets": targets,
            "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": []},
            "options": options or {}, "gridPos": {"h": height, "w": width}, **more}


def thresholds(*steps):
    """The base colour, followed by (value, colour) pairs."""
    base, *rest = steps
    return {"mode": "absolute", "steps": [{"color": base, "value": None}] + [
        {"color": colour, "value": value} for value, colour in rest]}


def good_above(bad, good):
    return thresholds(RED, (bad, YELLOW), (good, GREEN))


def bad_above(notable, bad):
    return thresholds(GREEN, (notable, YELLOW), (bad, RED))


# Few wide columns: easier to read, and each one makes Prometheus read every series.
COLUMNS_AT_MOST = 100
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def coloured(colour, steps):
    """Thresholds if given, otherwise one colour."""
    if steps:
        return {"color": {"mode": "thresholds"}, "thresholds": steps}
    return {"color": {"mode": "fixed", "fixedColor": colour}}


def stat(title, description, expression, unit, *, width=3, height=4, colour="blue", decimals=None, steps=None, none="0",
         over_range=True, legend=""):
    """One number: over the time range, or the current one."""
    defaults = {**coloured(colour, steps), "noValue": none}
    if decimals is not None:
        defaults["decimals"] = decimals
    if unit == "percentunit":
        defaults |= {"min": 0, "max": 1}
    options = {"colorMode": "value", "graphMode": "none" if over_range else "area", "justifyMode": "auto",
               "orientation": "auto", "textMode": "value_and_name" if legend else "value", "wideLayout": True,
               "reduceOptions": LAST}
    return panel("stat", title, description, [target(expression, legend, instant=over_range)], unit=unit, width=width,
                 height=height, options=options, defaults=defaults)


def gauge(title, description, expression, legend, *, width=6, height=7, steps):
    """Shares of a limit."""
    return panel("gauge", title, description, [target(expression, legend, instant=True)], unit="percentunit",
                 width=width, height=height, defaults={**coloured("", steps), "min": 0, "max": 1, "decimals": 0},
                 options={"orientation": "auto", "reduceOptions": LAST, "showThresholdLabels": False,
                          "showThresholdMarkers": True, "minVizHeight": 75, "minVizWidth": 75, "sizing": "auto"})


def ranking(title, description, expression, legend, unit, *, width=6, height=8, colour="blue", steps=None, limit=None,
            decimals=None):
    """Horizontal bars, longest first."""
    defaults = {**coloured(colour, steps), "min": 0}
    if unit == "percentunit":
        defaults["max"] = 1
    if decimals is not None:
        defaults["decimals"] = decimals
    expression = f"topk({limit}, {expression})" if limit else expression
    return panel("bargauge", title, description, [target(f"sort_desc({expression})", legend, instant=True)], unit=unit,
                 width=width, height=height, defaults=defaults,
                 options={"displayMode": "basic", "orientation": "horizontal", "reduceOptions": LAST,
                          "showUnfilled": True,
                          "valueMode": "color", "namePlacement": "auto", "sizing": "auto", "minVizHeight": 16,
                          "minVizWidth": 8, "maxVizHeight": 40})


def pie(title, description, expression, legend, unit, *, width=6, height=8):
    """Parts of a whole in the time range."""
    return panel("piechart", title, description, [target(expression, legend, instant=True)], unit=unit, width=width,
                 height=height, defaults={"color": {"mode": "palette-classic"}},
                 options={"pieType": "donut", "displayLabels": ["percent"], "reduceOptions": LAST,
                          "legend": {"displayMode": "table", "placement": "right", "showLegend": True,
                                     "values": ["value", "percent"]},
                          "tooltip": {"mode": "single", "sort": "none"}})


def graph(title, description, targets, unit, *, width=12, height=8, stacked=False, calcs=("lastNotNull",), steps=None,
          share=False, **more):
    """Lines over time; `targets` are (expression, legend)."""
    custom = {"drawStyle": "line", "fillOpacity": 10, "lineWidth": 1, "showPoints": "auto", "spanNulls": False,
              "axisSoftMin": 0, "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    defaults = {"min": 0, "color": {"mode": "palette-classic"}, "custom": custom}
    if share:
        defaults["max"] = 1
    if steps:
        defaults["thresholds"] = steps
        custom["thresholdsStyle"] = {"mode": "dashed"}
    return panel("timeseries", title, description, [target(*one) for one in targets], unit=unit, width=width,
                 height=height, defaults=defaults, options=legend_below(calcs), **more)


def columns(title, description, expression, legend, unit, *, width=12, height=8):
    """Stacked columns of increments; they add up to the total of the time range."""
    note = (" The columns add up to the total of the time range; each is one interval of the graph, at least a "
            "minute.")
    made = graph(title, description + note, [(expression, legend)], unit, width=width, height=height, stacked=True,
                 calcs=("sum",), interval="1m", maxDataPoints=COLUMNS_AT_MOST)
    made["fieldConfig"]["defaults"]["custom"] |= {"drawStyle": "bars", "fillOpacity": 70, "showPoints": "never"}
    return made


def legend_below(calcs):
    return {"legend": {"calcs": list(calcs), "displayMode": "table", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"}}


def table(title, description, columns_, labels, *, width=24, height=10, sort=None, unit="short", links=()):
    """One row for each combination of `labels` (label -> heading); `columns_` are (heading, unit, expression), and rows
    without the first of them are left out. `links` are (heading, title, address)."""
    targets = [target(expression, instant=True, table=True) for _, _, expression in columns_]
    values = [f"Value #{letter}" if len(columns_) > 1 else "Value" for letter, _ in zip("ABCDEFGHIJ", columns_)]
    order = {name: place for place, name in enumerate([*labels, *values])}
    names = {**labels, **{value: heading for value, (heading, _, _) in zip(values, columns_)}}
    made = panel("table", title, description, targets, unit=unit, width=width, height=height,
                 defaults={"custom": {"align": "auto", "filterable": True}, "noValue": ""},
                 options={"cellHeight": "sm", "showHeader": True,
                          "sortBy": [{"displayName": sort or columns_[0][0], "desc": True}]},
                 transformations=[
                     {"id": "merge", "options": {}},
                     {"id": "filterByValue", "options": {"type": "include", "match": "all", "filters": [
                         {"fieldName": values[0], "config": {"id": "isNotNull", "options": {}}}]}},
                     {"id": "organize", "options": {"excludeByName": {"Time": True}, "indexByName": order,
                                                    "renameByName": names}}])
    made["fieldConfig"]["overrides"] = [
        {"matcher": {"id": "byName", "options": heading}, "properties": [{"id": "unit", "value": unit_}]}
        for heading, unit_, _ in columns_] + [
        {"matcher": {"id": "byName", "options": heading},
         "properties": [{"id": "links", "value": [{"title": link, "url": url, "targetBlank": False}]}]}
        for heading, link, url in links]
    return made


def row(title, *panels, collapsed=False):
    return title, panels, collapsed


def laid_out(rows):
    """Sets the position of each panel, from left to right, and its number."""
    result, number, top = [], 0, 0
    for title, panels, collapsed in rows:
        number += 1
        head = {"id": number, "type": "row", "title": title, "collapsed": collapsed, "panels": [],
                "gridPos": {"h": 1, "w": 24, "x": 0, "y": top}}
        top, left, tallest, placed = top + 1, 0, 0, []
        for one in panels:
            size = one["gridPos"]
            if left + size["w"] > 24:
                top, left, tallest = top + tallest, 0, 0
            number += 1
            placed.append({"id": number, **one, "gridPos": {**size, "x": left, "y": top}})
            left, tallest = left + size["w"], max(tallest, size["h"])
        top += tallest
        result += [{**head, "panels": placed}] if collapsed else [head, *placed]
    return result


# Variables.


def source_variable(name="datasource", label="Data source", kind="prometheus",
                    description="The Prometheus that scrapes Odometer."):
    return {"name": name, "label": label, "description": description, "type": "datasource", "query": kind,
            "includeAll": False, "multi": False, "current": {}, "options": [], "refresh": 1, "regex": "", "hide": 0,
            "skipUrlSync": False}


def values_variable(name, label, description, metric, from_label):
    """The values of a label, all by default."""
    query = f"label_values({metric}, {from_label})"
    return {"name": name, "label": label, "description": description, "type": "query", "datasource": PROMETHEUS,
            "definition": query,
            "query": {"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
            "includeAll": True, "allValue": ".*", "multi": True,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "options": [], "refresh": 2,
            "regex": "", "sort": 1, "hide": 0, "skipUrlSync": False}


FILTERS = {"name": "filters", "label": "Filters", "type": "adhoc", "datasource": PROMETHEUS, "filters": [], "hide": 0,
           "skipUrlSync": False,
           "description": "Any label, such as user_email or organization_id. Panels whose series lack it show nothing."}


def dashboard(uid, title, description, variables, rows, *, time="now-24h", refresh="5m"):
    others = {"asDropdown": True, "icon": "external link", "includeVars": False, "keepTime": True,
              "tags": ["odometer"], "targetBlank": False, "title": "Odometer", "tooltip": "", "type": "dashboards",
              "url": ""}
    return {"uid": uid, "title": title, "description": description, "tags": ["claude-code", "odometer"],
            "schemaVersion": 41, "version": 1, "id": None, "editable": True, "graphTooltip": 1, "liveNow": False,
            "refresh": refresh, "timezone": "browser", "weekStart": "", "time": {"from": time, "to": "now"},
            "timepicker": {}, "fiscalYearStartMonth": 0, "links": [others], "preload": False,
            "annotations": {"list": [{
                "builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True,
                "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard"}]},
            "templating": {"list": variables}, "panels": laid_out(rows)}
