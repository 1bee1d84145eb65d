"""docker-compose.yml, and where each of our processes says how it is."""

from pathlib import Path

import yaml

from freshet.settings import Settings

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())


def checked_address(settings: Settings, service: str) -> tuple[int, str]:
    """Where a process of ours says how it is."""
    return {
        "worker": (settings.worker.metrics_port, "/metrics"),
        "refresh": (settings.refresh.metrics_port, "/metrics"),
        "api": (settings.api.port, "/healthz"),
    }[service]
