"""Reads the JSON files that people and their programs put beside model files, for all who want to know what stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.errors import UserError

LARGEST_BYTES = 4 * 1024 * 1024


def read_notes(path: Path) -> dict[str, Any]:
    """The object in a JSON file (UTF-8, with or without a byte order mark), {} where there is no file.

    Raises UserError that names the file where it holds anything else, or is larger than LARGEST_BYTES.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(f"{path.name} is larger than {LARGEST_BYTES >> 20} MiB, so it is not read.")
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is no JSON file ({str(error) or 'nested too deeply'}).") from error
    if not isinstance(told, dict):
        raise UserError(f"{path.name} holds no JSON object.")
    return told
