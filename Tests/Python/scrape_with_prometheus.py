"""Lets a real Prometheus scrape pages and queries values.

Usage: scrape_with_prometheus.py FOLDER QUERY...

Every NAME.body in FOLDER is served as job NAME with the content type in NAME.type. Waits, at most 40 s, until every job
is up and every query has a value, then prints one JSON object: query -> value of its first series. Exits 1 with the
state of the targets otherwise.
"""
import http.server
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

DEADLINE_SECONDS = 40


def serve(folder):
    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/")
            self.send_response(200)
            self.send_header("Content-Type", (folder / (name + ".type")).read_text().strip())
            self.end_headers()
            self.wfile.write((folder / (name + ".body")).read_bytes())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{query}", timeout=5) as answer:
        return json.load(answer)["data"]


def values(port, queries):
    """Query -> value, for those that have one."""
    found = {}
    for query in queries:
        result = get(port, "/api/v1/query", query=query)["result"]
        if result:
            found[query] = float(result[0]["value"][1])
    return found


def ask(port, jobs, queries):
    deadline, state = time.monotonic() + DEADLINE_SECONDS, "Prometheus did not start"
    while time.monotonic() < deadline:
        try:
            targets = get(port, "/api/v1/targets")["activeTargets"]
            state = [(target["labels"]["job"], target["health"], target["lastError"]) for target in targets]
            if any(health == "down" for _, health, _ in state):
                break
            found = values(port, queries)
            if sum(health == "up" for _, health, _ in state) == len(jobs) and len(found) == len(queries):
                return found, state
        except OSError:
            pass
        time.sleep(0.1)
    return None, state


def main():
    folder, queries = pathlib.Path(sys.argv[1]), sys.argv[2:]
    jobs = sorted(path.stem for path in folder.glob("*.body"))
    pages, port = serve(folder), free_port()
    with tempfile.TemporaryDirectory() as state:
        config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [
            {"job_name": job, "metrics_path": "/" + job, "static_configs": [{"targets": [f"127.0.0.1:{pages}"]}]}
            for job in jobs]}
        # JSON is YAML.
        (pathlib.Path(state) / "config.yml").write_text(json.dumps(config))
        prometheus = subprocess.Popen(
            ["prometheus", "--enable-feature=native-histograms,exemplar-storage", f"--config.file={state}/config.yml",
             f"--storage.tsdb.path={state}/data", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
        try:
            found, targets = ask(port, jobs, queries)
        finally:
            prometheus.kill()
            prometheus.wait()
    print(json.dumps(found) if found is not None else f"not all is there: {targets}")
    return 0 if found is not None else 1


if __name__ == "__main__":
    sys.exit(main())
