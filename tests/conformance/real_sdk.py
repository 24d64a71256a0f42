"""The real SDK, in a Node process that plays one scenario after the other."""

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FOLDER = Path(__file__).parent / "real"


def missing() -> str | None:
    """Say what is missing to run the real SDK; None if nothing is."""
    if not shutil.which("node"):
        return "no Node"
    if not (FOLDER / "node_modules" / "@arms" / "rum-browser").is_dir():
        return f"the real SDK is not installed (make conformance does it, or npm ci in {FOLDER.relative_to(Path(__file__).parents[2])})"
    return None


class RealSdk:
    """Plays scenarios, in the order in which they were given."""

    def __enter__(self) -> Self:
        """Start Node."""
        self.process = subprocess.Popen(["node", "drive.js"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End Node."""
        self.process.kill()
        self.process.communicate()

    def give(self, scenario: dict[str, Any]) -> None:
        """Let it begin a scenario."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(scenario) + "\n")
        self.process.stdin.flush()

    def take(self) -> dict[str, Any]:
        """Give the next run. `error`: a step threw; `errors`: timers did."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("Node has ended")
        return json.loads(line)

    def play(self, scenario: dict[str, Any]) -> dict[str, Any]:
        """Play a scenario."""
        self.give(scenario)
        return self.take()
