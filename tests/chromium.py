"""A page as a real browser leaves it."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the PATH; on Debian: apt-get install chromium"
)


def seen(url: str, home: Path) -> str:
    """The page's HTML after 2.5 s, as scripts have left it."""
    assert CHROMIUM
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={home}"]
    command = [CHROMIUM, *options, "--virtual-time-budget=2500", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
