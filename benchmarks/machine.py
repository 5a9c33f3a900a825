"""What a measurement was made on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("lxml", "xmlschema", "pluggy", "sqlalchemy", "huey", "cryptography")


def describe() -> str:
    """Name the processor, the system and the versions, in one paragraph."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}; {versions}."
    )


def use_one_core() -> None:
    """Keep this process on one core, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
