"""What the page says of parts that could not be drawn, and of what went wrong when the program started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.web.notes import failure_note, folded_notes

if TYPE_CHECKING:
    from app.host import Host


def part_note(host: Host, owner: str, where: str) -> str:
    """What stands in the place of a part that failed."""
    report = next((each for each in host.extensions if each.id == owner), None)
    if report is None:
        return failure_note(f"Paintbox could not draw the {where}", "The log says why.")
    failure = report.failures[-1]
    return failure_note(f"{_name(report.title, owner)} could not draw its {where}", failure.error, failure.traceback)


def _name(title: str, extension_id: str) -> str:
    """The title, with the id where it says something more."""
    return title if title == extension_id else f"{title} ({extension_id})"


def problem_notes(host: Host) -> list[str]:
    """Extensions that failed, settings that could not be read, and what became of jobs."""
    failed = [failure_note(_name(report.title, report.id), report.error, report.traceback) for report in host.extensions.failed()]
    notes = [folded_notes(f"{len(failed)} extensions failed", failed)] if len(failed) > 1 else failed
    notes += [failure_note("Settings", problem) for problem in host.settings.problems]
    return [*notes, *([failure_note("Jobs", host.jobs.notice)] if host.jobs.notice else [])]
