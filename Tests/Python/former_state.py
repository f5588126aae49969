"""Writes a state directory as a program leaves it when it is killed, and the page that it showed last.

    python3 Tests/Python/former_state.py PROGRAM FOLDER

FOLDER/state has a checkpoint of the first captures, and the exports of the others in the journal. FOLDER/page.txt is the
page without own metrics of the collector. `FormerStateTests` starts the program of today with it: made by the version
before a change of the format, it shows that the next version reads it and continues its totals.
"""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from soak import free_port

CAPTURES = pathlib.Path(__file__).parents[1] / "Fixtures" / "captures"
BEFORE_CHECKPOINT = ["session-pb-delta", "python-sdk-http-cumulative-gzip"]
AFTER_CHECKPOINT = ["json-delta", "pb-cumulative", "python-sdk-http-delta"]
TIMEOUT = 30


def configuration(otlp, page):
    return f"""
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{otlp}"}}}}}}}}
exporters: {{prometheus: {{endpoint: "127.0.0.1:{page}", metric_expiration: 0s}}, nop: {{}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [prometheus]}}
    logs: {{receivers: [otlp], exporters: [nop]}}
odometer: {{state: {{path: state, checkpoint_interval: 1h}}}}
"""


def scraped(page):
    with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=TIMEOUT) as reply:
        return reply.read().decode()


def started(program, folder, page):
    process = subprocess.Popen([program, "--config=config.yaml"], cwd=folder)
    end = time.monotonic() + TIMEOUT
    while True:
        try:
            scraped(page)
            return process
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def send(capture, otlp):
    manifest = json.loads((CAPTURES / capture / "manifest.json").read_text())
    for request in manifest["requests"]:
        if request.get("path") not in ("/v1/metrics", "/v1/logs"):
            continue
        headers = {"Content-Type": request["content_type"]}
        if request.get("content_encoding"):
            headers["Content-Encoding"] = request["content_encoding"]
        body = (CAPTURES / capture / request["file"]).read_bytes()
        address = f"http://127.0.0.1:{otlp}{request['path']}"
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=TIMEOUT) as reply:
            assert reply.status == 200


def main(program, target):
    program, target = str(pathlib.Path(program).resolve()), pathlib.Path(target)
    with tempfile.TemporaryDirectory() as folder:
        otlp, page = free_port(), free_port()
        pathlib.Path(folder, "config.yaml").write_text(configuration(otlp, page))
        process = started(program, folder, page)
        try:
            for capture in BEFORE_CHECKPOINT:
                send(capture, otlp)
            process.send_signal(signal.SIGTERM)
            assert process.wait(TIMEOUT) == 0
            process = started(program, folder, page)
            for capture in AFTER_CHECKPOINT:
                send(capture, otlp)
            text = scraped(page)
        finally:
            process.kill()
            process.wait(TIMEOUT)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(pathlib.Path(folder, "state"), target / "state")
    (target / "page.txt").write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
