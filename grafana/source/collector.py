"""Collector health: whether Odometer accepts exports, and its resources."""
from grafana import bad_above, dashboard, graph, row, source_variable, stat, table
from promql import added, rate, restarted_bars, restarted_total

OWN_NOTE = ("Odometer itself, from its own metrics. With a Collector's configuration they are on a page of their own "
            "(localhost:8888), which Prometheus must scrape, too.")


def counts(title, description, expression, legend, **more):
    """Columns of increments."""
    note = " Each column is the increment around its time, over four scrapes or one interval of the graph."
    made = graph(title, description + note, [(expression, legend)], "short", stacked=True, calcs=("max",), **more)
    made["fieldConfig"]["defaults"]["custom"] |= {"drawStyle": "bars", "fillOpacity": 70, "showPoints": "never"}
    return made


def totals():
    return row(
        "Now",
        stat("Collectors", "Collectors that Prometheus scrapes.", "count(odometer_build_info)", "short", colour="green",
             decimals=0, over_range=False, steps=None),
        stat("Up for", "Time since the last start; of several collectors, the newest start.",
             "min(time() - odometer_process_start_time_seconds)", "s", colour="green", over_range=False),
        stat("Series", "Series that are shown to Prometheus. At 200,000 (odometer.limits.max_series) idle ones are "
             "evicted; if there are none, new ones are rejected.", added("", "odometer_series"), "short", over_range=False,
             steps=bad_above(150000, 200000)),
        stat("Memory", "Resident memory.", added("", "odometer_process_resident_memory_bytes"), "bytes",
             over_range=False,
             steps=bad_above(200e6, 250e6)),
        stat("Points accepted", "Data points accepted in the time range.",
             restarted_total("odometer_accepted_points_total"), "short", colour="green", decimals=0),
        stat("Points rejected", "Data points rejected in the time range; reported to their senders.",
             restarted_total("odometer_rejected_points_total"), "short", steps=bad_above(1, 1000), decimals=0),
        stat("Exports refused", "Exports refused in the time range: malformed, or with a wrong path, size or credentials, or "
             "overload. The log has the reason.", restarted_total("odometer_refused_exports_total"), "short", steps=bad_above(1, 100),
             decimals=0),
        stat("State failures", "Failed writes to the state directory in the time range. Meanwhile exports get "
             "503 and clients retry.", restarted_total("odometer_state_failures_total"), "short",
             steps=bad_above(1, 10),
             decimals=0))


def named(what, expression):
    return f'label_replace({expression}, "what", "{what}", "", "")'


def intake():
    return row(
        "Intake",
        graph("Points a second", "Data points accepted per second.",
              [(rate("odometer_accepted_points_total", by="exporter"), "{{exporter}}")], "cps", width=8),
        counts("Rejected by reason", "Data points rejected, by reason.",
                restarted_bars("odometer_rejected_points_total", by="reason"), "{{reason}}", width=8),
        counts("Responses", "Responses of the listeners by HTTP status. 4xx: errors of the sender; 503: the disk or "
                "memory is full.", restarted_bars("odometer_http_responses_total", by="listener, status"),
                "{{listener}} {{status}}",
                width=8),
        counts("Calls", "Responses to gRPC calls by status.",
               restarted_bars("odometer_grpc_responses_total", by="status"), "{{status}}", width=8),
        counts("Put right", "Points that a collector without state would count incorrectly. Duplicates: points sent again, "
                "counted once. Gaps: idle intervals between deltas. Resets: cumulative clients that restarted. Late, "
                "overlaps: points out of order. Shared: processes that write one series with one start.",
               " or ".join(named(what, restarted_bars(f"odometer_{name}_total")) for name, what in (
                   ("duplicate_points", "duplicates"), ("gaps", "gaps"), ("resets", "resets"), ("late_points", "late"),
                   ("overlaps", "overlaps"), ("shared_writers", "shared"))),
               "{{what}}", width=16))


def store():
    def line(metric, legend):
        return added("", metric), legend
    return row(
        "Series and state",
        graph("Series and writers", "Series: what Prometheus sees. Writers: processes that are counted separately. "
              "Tombstones: last values of evicted writers.",
              [line("odometer_series", "series"), line("odometer_writers", "writers"),
               line("odometer_tombstones", "tombstones")], "short", width=8),
        graph("Evictions", "Series evicted per second, because the limit max_series is reached.",
              [(rate("odometer_evicted_series_total"), "evicted")], "cps", width=8),
        graph("Journal", "Bytes of exports since the last checkpoint, and of exports that wait for the disk "
              "(odometer.state.max_journal, max_backlog).",
              [line("odometer_journal_bytes", "journal"), line("odometer_journal_backlog_bytes", "waiting")], "bytes",
              width=8, steps=bad_above(32 << 20, 64 << 20)),
        graph("Commits and syncs", "Commits write exports that arrive together; syncs make them survive a power failure.",
              [(rate("odometer_journal_exports_total"), "exports"), (rate("odometer_journal_commits_total"), "commits"),
               (rate("odometer_journal_syncs_total"), "syncs"), (rate("odometer_checkpoints_total"), "checkpoints")],
              "cps", width=8),
        counts("Failures of the state", "Failed writes to the state directory by operation.",
                restarted_bars("odometer_state_failures_total", by="operation"), "{{operation}}", width=8),
        table("Losses at the start", "Data that the last start could not recover. All zero unless files were damaged.",
              [("Lost", "short", "max by (kind) (odometer_state_losses)")], {"kind": "What"}, width=8, height=8))


def process():
    scrapes = rate("odometer_scrapes_total")
    return row(
        "Process and scrapes",
        graph("CPU", "Processor time as a share of one core.", [(rate("odometer_process_cpu_seconds_total"), "CPU")],
              "percentunit", width=8),
        graph("Memory over time", "Resident memory. About half of it depends on the number of series.",
              [(added("", "odometer_process_resident_memory_bytes"), "resident"),
               (added("", "odometer_window_memory_bytes"), "windows to recognise duplicates")], "bytes", width=8),
        graph("Scrape duration", "Average time to render and send a page.",
              [(f"{rate('odometer_scrape_duration_seconds_total')} / ({scrapes} > 0)", "average")], "s", width=8,
              steps=bad_above(1, 10)),
        graph("Scrapes a second", "Pages read by Prometheus and others.", [(scrapes, "scrapes")], "cps",
              width=8),
        graph("Targets", "1 for each target that Prometheus scrapes, 0 if it is down.",
              [("min by (job, instance) (up)", "{{job}} {{instance}}")], "none", width=8),
        table("Versions", "Collectors and their versions.",
              [("Collectors", "short", "count by (version) (odometer_build_info)")], {"version": "Version"}, width=8,
              height=8))


def make():
    return dashboard(
        "odometer-collector", "Odometer: Collector health", OWN_NOTE, [source_variable()],
        [totals(), intake(), store(), process()], time="now-6h", refresh="1m")
