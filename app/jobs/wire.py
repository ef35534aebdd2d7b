"""What web process and worker say to each other: one JSON object per line, commands one way and events the other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from app.contracts import ControlAction
from app.values.base import Value
from app.values.events import Event, event_adapter
from app.values.job import Job


class RunJob(Value):
    """Run this job after those before it."""

    type: Literal["run"] = "run"
    job: Job


class ControlJob(Value):
    """Somebody's wish for a job; without meaning when the job has ended."""

    type: Literal["control"] = "control"
    job_id: str
    action: ControlAction


class Quit(Value):
    """Stop what runs, close everything and end."""

    type: Literal["quit"] = "quit"


Command = Annotated[RunJob | ControlJob | Quit, Field(discriminator="type")]
command_adapter: TypeAdapter[Command] = TypeAdapter(Command)


def encode_line(message: Value) -> bytes:
    """One command or event as a line."""
    return message.model_dump_json().encode() + b"\n"


def decode_command(line: bytes) -> Command:
    """A line back into its command; raises pydantic's ValidationError."""
    return command_adapter.validate_json(line)


def decode_event(line: bytes) -> Event:
    """A line back into its event; raises pydantic's ValidationError."""
    return event_adapter.validate_json(line)
