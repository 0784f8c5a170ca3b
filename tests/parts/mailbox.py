"""The local mailbox in a process of its own, as `journeyman up` runs it."""

import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.parts.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


class MailboxProcess:
    """Runs until `stop` or `kill`; another one on the same file goes on with its mails."""

    def __init__(self, file: Path) -> None:
        self.smtp_port, self.port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        ports = ["--smtp-port", str(self.smtp_port), "--port", str(self.port)]
        command = [sys.executable, "-m", "api.mailbox", *ports, "--file", str(file)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("the mailbox did not start")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez").is_success
        except httpx.TransportError:
            return False

    def get(self, path: str, **query: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", params=query or None, timeout=30)

    def stop(self, signal_number: int) -> int:
        """End it in order; its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)
