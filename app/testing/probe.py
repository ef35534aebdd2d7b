"""Run in a process of its own by the conformance checks: loads one extension and prints what happened as JSON."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import psutil

from app.errors import UserError
from app.host import Host
from app.testing.hosts import closure, requirements, temporary_host
from app.values.base import Json

HEAVY = ("torch", "diffusers", "transformers", "gradio", "fastapi")


def probe(extension: str, data: Path) -> dict[str, Json]:
    """Facts about an extension; ``data`` is a data folder of its own."""
    heavy_before = _heavy()
    host = temporary_host(data, [extension])
    facts: dict[str, Json] = {"heavy": list(_heavy() - heavy_before), "states": _states(host), "warnings": _warnings(host)}
    facts["params"] = _params(host)
    facts["left_behind"] = _leftovers(host)
    with_all = temporary_host(data, None)
    facts["states_with_all"], facts["warnings_with_all"] = _states(with_all), _warnings(with_all)
    requires = requirements(data)
    others = [report.id for report in with_all.extensions if extension not in closure([report.id], requires)]
    facts["states_without"] = _states(temporary_host(data, others))
    return facts


def _heavy() -> set[str]:
    return {name for name in HEAVY if name in sys.modules}


def _states(host: Host) -> Json:
    return {report.id: [report.state.value, report.error] for report in host.extensions}


def _warnings(host: Host) -> Json:
    return {report.id: list(report.warnings) for report in host.extensions}


def _params(host: Host) -> Json:
    """Features whose defaults do not survive JSON, or whose defaults are not "nothing changed"."""
    wrong: list[Json] = []
    for model in host.params:
        value = model()
        if model.model_validate_json(value.model_dump_json()) != value or value.changed():
            wrong.append(model.feature)
    return wrong


def _leftovers(host: Host) -> Json:
    """What remains after the host has run twice; the first time may load what stays for good."""
    with host.running():
        pass
    before, modules = _resources(), {name: id(module) for name, module in sys.modules.items()}
    with host.running():
        pass
    after = _resources()
    replaced = [name for name, module in modules.items() if id(sys.modules.get(name)) != module]
    return [*sorted(after - before), *(f"module {name} replaced" for name in replaced), *(f"stash {key}" for key in host.stash.names())]


def _resources() -> set[str]:
    process = psutil.Process()
    threads = {f"thread {thread.name}" for thread in threading.enumerate()}
    files = {f"file {file.path}" for file in process.open_files()}
    children = {f"process {child.pid}" for child in process.children(recursive=True)}
    return threads | files | children


def main(arguments: list[str]) -> int:
    """``probe EXTENSION DATA_FOLDER``."""
    try:
        sys.stdout.write(json.dumps(probe(arguments[0], Path(arguments[1]))))
    except UserError as error:
        sys.stderr.write(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
