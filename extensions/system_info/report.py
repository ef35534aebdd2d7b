"""Puts the report together, and checks whether one is as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

import psutil

from app.api import HOST_VERSION, Json

if TYPE_CHECKING:
    from app.api import Host

CHECKSUM = "Checksum"
HIDDEN = "<hidden>"
GIB = 1024**3
ENVIRONMENT = ("COMMANDLINE_ARGS", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "PYTORCH_CUDA_ALLOC_CONF", "HF_HOME", "TORCH_COMMAND", "LANG")
"""Variables that explain how the program behaves; others may hold anything."""
SECRET_NAME = re.compile(r"auth|passw|token|secret|api_?key|credential|keyfile", re.IGNORECASE)
SECRET_WORD = re.compile(r"(--[\w-]*(?:auth|passw|token|secret|key)[\w-]*)([= ]+)(\S+)", re.IGNORECASE)
LOGIN_IN_ADDRESS = re.compile(r"(\w+://)[^/@\s]+@")
SHORTEST_SECRET = 4


def make_report(host: Host) -> dict[str, Json]:
    """The report, with a checksum over the rest of it."""
    report = _clean(_facts(host), tuple(text for text in host.options.secrets if len(text) >= SHORTEST_SECRET))
    return {**report, CHECKSUM: _checksum(report)}


def is_unchanged(text: str) -> bool:
    """Whether a report is as it was written: its checksum is right."""
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(report, dict):
        return False
    checksum = report.pop(CHECKSUM, None)
    return isinstance(checksum, str) and checksum == _checksum(report)


def startup_times(host: Host) -> dict[str, Json]:
    """Seconds by part, as A1111 names them: a total, and records."""
    records = {f"load extension {report.id}": round(report.load_time_s, 4) for report in host.extensions}
    since = datetime.now(UTC).timestamp() - psutil.Process().create_time()
    return {"total": round(sum(records.values()), 4), "records": dict(records), "seconds since the program began": round(since, 1)}


def _facts(host: Host) -> dict[str, Json]:
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(host.paths.data))
    return {
        "Program": f"Paintbox {HOST_VERSION}",
        "Written": datetime.now(UTC).isoformat(timespec="seconds"),
        "Platform": platform.platform(),
        "Python": sys.version,
        "Processor": {"name": platform.processor() or platform.machine(), "cores": psutil.cpu_count(logical=True)},
        "Memory in GiB": {"total": round(memory.total / GIB, 1), "available": round(memory.available / GIB, 1)},
        "Disk in GiB": {"total": round(disk.total / GIB, 1), "free": round(disk.free / GIB, 1)},
        "Worker": host.jobs.worker_status().model_dump(mode="json"),
        "Extensions": [_extension(report) for report in host.extensions],
        "Problems": list(host.settings.problems),
        "Start options": _named(host.options.without_secrets().model_dump(mode="json")),
        "Environment": {name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        "Settings that are not the defaults": _named(host.settings.changed()),
        "Startup": startup_times(host),
        "Packages": [*sorted(f"{each.name}=={each.version}" for each in metadata.distributions() if each.name)],
    }


def _extension(report: Any) -> dict[str, Json]:
    facts: dict[str, Json] = {"id": report.id, "version": report.version, "built-in": report.is_builtin, "state": report.state.value}
    return {**facts, **({"error": report.error} if report.error else {})}


def _named(values: dict[str, Json]) -> dict[str, Json]:
    """Without the values whose names say that nobody may read them."""
    return {key: HIDDEN if value and SECRET_NAME.search(key) else _inside(value) for key, value in values.items()}


def _inside(value: Json) -> Json:
    return _named(value) if isinstance(value, dict) else value


def _clean(value: Any, secrets: tuple[str, ...]) -> Any:
    """The same without secrets in any of its texts: those of the command line, of flags that take one, and logins in addresses."""
    if isinstance(value, dict):
        return {key: _clean(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(each, secrets) for each in value]
    if not isinstance(value, str):
        return value
    text = SECRET_WORD.sub(rf"\1\2{HIDDEN}", LOGIN_IN_ADDRESS.sub(rf"\1{HIDDEN}@", value))
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def _checksum(report: dict[str, Json]) -> str:
    packed = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()
