"""Reads one file's header and asks what kind of model it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.errors import ModelFileError
from app.hooks import ExtensionError
from app.values.model import ModelHeader, ModelIdentity
from app.weights.header_reader import HeaderReader, NotReadError
from app.weights.scan import FoundFile
from app.weights.store import KnownIdentity

Identify = Callable[[ModelHeader], ModelIdentity | None]


def identify_file(file: FoundFile, reader: HeaderReader, identify: Identify) -> KnownIdentity:
    """What is concluded about the file; never raises for what is wrong with it."""
    try:
        header = reader.read(Path(file.path))
        identity = identify(header)
    except ModelFileError as error:
        return KnownIdentity(None, {}, str(error), is_final=not isinstance(error, NotReadError))
    except ExtensionError as error:
        return KnownIdentity(None, {}, f"{file.name}: {error}", is_final=False)
    if identity is None:
        return KnownIdentity(None, dict(header.metadata), f"{file.name}: no installed extension knows this kind of file.")
    return KnownIdentity(identity, dict(header.metadata), "" if identity.supported else f"{file.name}: {identity.reason}")
