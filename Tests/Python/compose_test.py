"""Runs docker-compose.yml with a Docker engine, with its own project name and volumes, and removes everything afterwards.

Usage: compose_test.py [SERVICE...]          default: all services of both profiles
Builds the image, waits until every service is healthy, sends a recorded session of Claude Code, and checks that the
totals are exact on Odometer's page and in Prometheus, also after kill -9 and in a new container; that Prometheus scrapes
its targets and evaluates its rules; that Grafana has the dashboards. Needs the ports of docker-compose.yml to be free.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SESSION = REPOSITORY / "Tests/Fixtures/captures/session-pb-delta"
PROJECT = "odometer-compose-test"
DEADLINE = 180
COST = "claude_code_cost_usage_USD_total"


def fail(text):
    sys.exit(f"compose test: {text}")


def compose(*arguments):
    """Runs a command of Docker Compose and returns its output."""
    command = ["docker", "compose"]
    if subprocess.run([*command, "version"], capture_output=True).returncode != 0:
        command = [shutil.which("docker-compose") or fail("neither docker compose nor docker-compose is here")]
    result = subprocess.run(
        [*command, "--project-name", PROJECT, *arguments], cwd=REPOSITORY, text=True, capture_output=True)
    if result.returncode != 0:
        fail(f"{' '.join(arguments)}: {result.stdout}{result.stderr}")
    return result.stdout


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def query(expression):
    """The values of an expression in Prometheus."""
    answer = json.loads(get(9090, f"/api/v1/query?query={urllib.parse.quote(expression)}"))
    return [float(element["value"][1]) for element in answer["data"]["result"]]


def wait_for(what, condition):
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if condition():
                return print(what, flush=True)
        time.sleep(0.5)
    fail(f"not within {DEADLINE} s: {what}")


def healthy(services):
    """Whether each service has a healthy container."""
    for service in services:
        container = compose("ps", "--quiet", service).strip()
        state = subprocess.run(
            ["docker", "inspect", "--format", "{{.State.Health.Status}}", container], text=True, capture_output=True)
        if state.stdout.strip() != "healthy":
            return False
    return True


def send_session():
    for request in json.loads((SESSION / "manifest.json").read_text())["requests"]:
        body = (SESSION / request["file"]).read_bytes()
        post = urllib.request.Request(
            f"http://127.0.0.1:4318{request['path']}", body, {"Content-Type": request["content_type"]}, method="POST")
        with urllib.request.urlopen(post, timeout=5) as answer:
            if answer.status != 200:
                fail(f"{request['file']} got {answer.status}")


def page_cost():
    """The cost on Odometer's page, which shows new series as 0 first only to Prometheus."""
    values = re.findall(rf"^{COST}\{{.*\}} (\S+)$", get(8889, "/metrics"), re.M)
    return sum(map(float, values))


def check(services):
    truth = sum(series["total"] for series in json.loads((SESSION / "expected.json").read_text())
                if series["name"] == "claude_code.cost.usage")

    def is_truth(value):
        return abs(value - truth) < 1e-9

    wait_for(f"healthy: {', '.join(services)}", lambda: healthy(services))
    if "prometheus" in services:
        wait_for("Prometheus reaches its targets", lambda: query("min(up)") == [1] and query("count(up)") == [2])
    compose("exec", "-T", "odometer", "/odometer", "send-test")
    send_session()
    wait_for("the page shows the cost", lambda: is_truth(page_cost()))
    if "prometheus" in services:
        wait_for("Prometheus has the cost", lambda: list(map(is_truth, query(f"sum({COST})"))) == [True])
    compose("kill", "-s", "SIGKILL", "odometer")
    compose("up", "-d", "--no-deps", "odometer")
    wait_for("the cost is the same after kill -9", lambda: is_truth(page_cost()))
    compose("rm", "--stop", "--force", "odometer")
    compose("up", "-d", "--no-deps", "odometer")
    wait_for("the cost is the same in a new container", lambda: is_truth(page_cost()))
    if "loki" in services:
        wait_for("no log waits any more", lambda: re.search(
            r'^odometer_forward_queue_exports\{.*\} 0$', get(8889, "/metrics"), re.M))
    if "prometheus" in services:
        groups = json.loads(get(9090, "/api/v1/rules"))["data"]["groups"]
        sick = [rule["name"] for group in groups for rule in group["rules"] if rule["health"] == "err"]
        if not groups or sick:
            fail(f"rules that fail, of {len(groups)} groups: {sick}")
        print(f"{len(groups)} groups of rules are evaluated")
    if "grafana" in services:
        files = list((REPOSITORY / "grafana/dashboards").glob("*.json"))
        wait_for(f"Grafana has {len(files)} dashboards", lambda: len(
            json.loads(get(3000, "/api/search?type=dash-db"))) == len(files))


def main():
    if any(argument.startswith("-") for argument in sys.argv[1:]):
        sys.exit(__doc__)
    os.environ["COMPOSE_PROFILES"] = "logs"
    services = sys.argv[1:] or compose("config", "--services").split()
    if "loki" not in services:
        del os.environ["COMPOSE_PROFILES"]
    try:
        compose("up", "-d", "--build", *services)
        check(services)
    finally:
        compose("down", "--volumes", "--timeout", "20")


if __name__ == "__main__":
    main()
