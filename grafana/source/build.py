"""Writes the dashboards that Grafana reads: `python3 grafana/source/build.py`.

With --check it writes nothing, and fails if a file differs from what it would write.
"""
import json
import pathlib
import sys

import collector
import logs
import overview
import sessions
import team
import tools

FOLDER = pathlib.Path(__file__).parents[1] / "dashboards"
DASHBOARDS = {"claude-code": overview, "sessions": sessions, "tools": tools, "team": team, "collector": collector,
              "logs": logs}


def texts():
    """File -> its content."""
    return {FOLDER / f"{name}.json": json.dumps(module.make(), indent=2) + "\n" for name, module in DASHBOARDS.items()}


def main():
    if sys.argv[1:] == ["--check"]:
        wanted = texts()
        stale = [file.name for file in sorted(set(FOLDER.glob("*.json")) | set(wanted))
                 if not file.exists() or file.read_text() != wanted.get(file)]
        sys.exit(f"not what grafana/source/build.py writes: {', '.join(stale)}" if stale else 0)
    for file, text in texts().items():
        file.write_text(text)


if __name__ == "__main__":
    main()
