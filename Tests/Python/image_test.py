"""Runs the release program in a root directory with only the files that the Dockerfile copies, with /proc mounted.

Usage: image_test.py [--where-possible] PROGRAM
Checks that it is one static file of at most 32 MiB that accepts an export, answers a scrape, keeps its state, is healthy,
and resolves a host name: through a DNS server on loopback, in its own network. Linux only; needs root or user namespaces;
with --where-possible their absence is reported, but is no failure.
"""
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SIZE_LIMIT = 32 << 20
USER = 10001
DEADLINE = 20
DNS_ADDRESS = "127.0.0.53"
HOSTS = {"odometer.test": "127.0.0.1", "loki.test": "127.0.0.7"}
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

CONFIGURATION = """\
receivers: {otlp: {protocols: {grpc: {endpoint: "0.0.0.0:4317"}, http: {endpoint: "0.0.0.0:4318"}}}}
exporters:
  prometheus: {endpoint: "0.0.0.0:8889"}
  otlphttp/loki: {endpoint: "http://loki.test:3100/otlp"}
extensions: {health_check: {endpoint: "0.0.0.0:13133"}}
service:
  extensions: [health_check]
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], exporters: [prometheus]}
    logs: {receivers: [otlp], exporters: [otlphttp/loki]}
"""


def fail(text):
    sys.exit(f"image test: {text}")


def last_stage():
    """The instructions of the last stage of the Dockerfile."""
    text = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    start = max(index for index, words in enumerate(lines) if words[0] == "FROM")
    if lines[start][1] != "scratch":
        fail(f"the image is based on {lines[start][1]}; this test knows an empty root only")
    return lines[start + 1:]


def collector_names():
    """The names of the Collector's program, which the Dockerfile links to ours."""
    return re.findall(r"ln -s /odometer /names/(\S+)", (REPOSITORY / "Dockerfile").read_text())


def make_root(root, program):
    """Copies the files of the Dockerfile into the root. Returns its environment and the path of the program."""
    environment, entry = {}, None
    for words in last_stage():
        if words[0] == "COPY":
            source, target = [word for word in words[1:] if not word.startswith("--")]
            place = root / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if source == "/odometer":
                shutil.copy(program, place)
            elif source == "/names/":
                for name in collector_names():
                    os.symlink("/odometer", root / name)
            elif source == "/state":
                place.mkdir()
                if os.getuid() == 0:
                    os.chown(place, USER, USER)
            else:
                shutil.copy(REPOSITORY / source, place)
        elif words[0] == "ENV":
            environment.update(word.split("=", 1) for word in words[1:])
        elif words[0] == "USER" and words[1] != f"{USER}:{USER}":
            fail(f"the image runs as {words[1]}")
        elif words[0] == "ENTRYPOINT":
            entry = json.loads(" ".join(words[1:]))
    return environment, entry


def check_program(path):
    data = path.read_bytes()
    if len(data) > SIZE_LIMIT:
        fail(f"the program has {len(data)} bytes, the limit is {SIZE_LIMIT}")
    offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, offset + index * size)[0] for index in range(count)]
    if 3 in kinds:
        fail("the program asks for a dynamic linker")
    print(f"one static file of {len(data) / (1 << 20):.1f} MiB")


class NameServer(threading.Thread):
    """A DNS server for the addresses of HOSTS only."""

    def __init__(self):
        super().__init__(daemon=True)
        self.asked = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((DNS_ADDRESS, 53))

    def run(self):
        while True:
            question, client = self.socket.recvfrom(4096)
            end, labels = 12, []
            while question[end]:
                labels.append(question[end + 1:end + 1 + question[end]].decode())
                end += 1 + question[end]
            name, kind = ".".join(labels), struct.unpack_from(">H", question, end + 1)[0]
            self.asked.add(name)
            address = HOSTS.get(name)
            answer = b""
            if address and kind == 1:
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\x05\0\x04" + socket.inet_aton(address)
            head = question[:2] + (b"\x81\x80" if address else b"\x81\x83") + b"\0\1" + (b"\0\1" if answer else b"\0\0")
            self.socket.sendto(head + b"\0\0\0\0" + question[12:end + 5] + answer, client)


class LogStore(http.server.BaseHTTPRequestHandler):
    """A stand-in for Loki."""

    paths = []

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def request(method, port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def wait_for(what, condition):
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.02)
    fail(f"not within {DEADLINE} s: {what}")


def start_network():
    """Loopback is down in a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        import fcntl
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))


def inside(root, environment, entry):
    """In the namespaces: /proc of the root is mounted."""
    start_network()
    server = NameServer()
    server.start()
    store = http.server.ThreadingHTTPServer((HOSTS["loki.test"], 3100), LogStore)
    threading.Thread(target=store.serve_forever, daemon=True).start()

    def become_user():
        os.chroot(root)
        os.chdir("/")
        if os.environ["IMAGE_TEST_IS_ROOT"] == "1":
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)

    def command(*arguments, program=entry, **options):
        return subprocess.Popen(
            [*program, *arguments], executable=program[0], env=environment, preexec_fn=become_user, text=True, **options)

    def finished(*arguments, program=entry):
        process = command(*arguments, program=program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate(timeout=60)[0]
        if process.returncode != 0:
            fail(f"{' '.join(arguments)} exited with {process.returncode}: {output}")
        return output

    names = collector_names()
    if len(names) < 2 or len({finished("--version", program=[path]) for path in entry + [f"/{name}" for name in names]}) != 1:
        fail(f"the program is not the same by the names {names}")
    log = tempfile.TemporaryFile("w+")
    total = 0
    for run in range(2):
        process = command(stdout=log, stderr=log)
        try:
            wait_for("healthy", lambda: request("GET", 13133, "/")[0] == 200)
            point = {"asInt": "5", "startTimeUnixNano": str(time.time_ns() - 10**9), "timeUnixNano": str(time.time_ns())}
            metric = {"name": "c", "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": [point]}}
            export = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
            status, text = request("POST", 4318, "/v1/metrics", json.dumps(export))
            if status != 200:
                fail(f"an export got {status}: {text}")
            total += 5
            page = request("GET", 8889, "/metrics")[1]
            if not re.search(rf"^c_total(\{{.*\}})? {total}$", page, re.M):
                fail(f"run {run}: the page does not show c_total {total}:\n{page}")
            finished("healthcheck")
            output = finished(
                "send-test", "--endpoint=http://odometer.test:4318", "--page=http://odometer.test:8889/metrics")
            if "send_test_runs_total" not in output or "odometer.test" not in server.asked:
                fail(f"the name was not looked up: {output}")
            record = {"body": {"stringValue": "x"}, "timeUnixNano": str(time.time_ns())}
            logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
            seen = len(LogStore.paths)
            status, text = request("POST", 4318, "/v1/logs", json.dumps(logs))
            if status != 200:
                fail(f"logs got {status}: {text}")
            wait_for("forwarded logs", lambda: "/otlp/v1/logs" in LogStore.paths[seen:])
            print("forwards to a host by its name")
        finally:
            process.terminate()
            code = process.wait(timeout=30)
            log.seek(0)
            text = log.read()
        if code != 0:
            fail(f"exited with {code}: {text}")
    print("takes exports, answers scrapes, finds hosts by name, ends in order and keeps its totals")


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "--inside":
        return inside(sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4]))
    is_optional = "--where-possible" in sys.argv[1:]
    programs = [argument for argument in sys.argv[1:] if argument != "--where-possible"]
    if len(programs) != 1:
        sys.exit(__doc__)
    program = pathlib.Path(programs[0])
    check_program(program)
    is_root = os.getuid() == 0
    namespaces = ["--net", "--mount", "--pid", "--fork"]
    if not is_root:
        namespaces = ["--user", "--map-root-user"] + namespaces
    refusal = subprocess.run(["unshare", *namespaces, "true"], capture_output=True, text=True)
    if refusal.returncode != 0:
        if is_optional:
            print(f"NOT RUN in an empty root: this machine gives no namespaces ({refusal.stderr.strip()})")
            return
        fail(f"this machine gives no namespaces: {refusal.stderr.strip()}")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = pathlib.Path(folder, "root")
        root.mkdir(mode=0o755)
        environment, entry = make_root(root, program)
        # Files that a container runtime adds.
        for name in ["proc", "etc/otelcol-contrib"]:
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "etc/resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
        (root / "etc/otelcol-contrib/config.yaml").write_text(CONFIGURATION)
        result = subprocess.run(
            ["unshare", *namespaces, f"--mount-proc={root}/proc", sys.executable, __file__, "--inside", str(root),
             json.dumps(environment), json.dumps(entry)], env={**os.environ, "IMAGE_TEST_IS_ROOT": "1" if is_root else "0"})
        sys.exit(result.returncode)


if __name__ == "__main__":
    main()
