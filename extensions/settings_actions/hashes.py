"""Computes the hashes of all checkpoints that have none yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import CHECKPOINT_KIND, ModelRecord, UserError, Value, hash_file

if TYPE_CHECKING:
    from app.api import Host

MOST_THREADS = 16


class Hashed(Value):
    """What came of it: a sentence, names of the files that have their hash now, and sentences about those that could not be read."""

    message: str
    hashed: tuple[str, ...]
    problems: tuple[str, ...]


def hash_checkpoints(host: Host, threads: int) -> Hashed:
    """Hash them with so many threads; takes as long as the disk needs."""
    if not host.options.hash_models:
        raise UserError("Hashes are not computed: --no-hashing was given.", status=409)
    known = host.models.records(CHECKPOINT_KIND) if CHECKPOINT_KIND in host.models.folders else []
    missing = [host.models.with_known_hash(record) for record in known if record.sha256 is None]
    todo = [record for record in missing if record.sha256 is None]
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="hashes") as pool:
        problems = tuple(problem for problem in pool.map(lambda record: _hash(host, record), todo) if problem)
    done = tuple(record.name for record in todo if not any(record.name in problem for problem in problems))
    return Hashed(message=f"{len(done)} of {len(todo)} missing hashes were computed.", hashed=done, problems=problems)


def _hash(host: Host, record: ModelRecord) -> str:
    """Why the file has no hash; "" when it has one now."""
    try:
        hashes = hash_file(Path(record.path))
    except OSError as error:
        return f"{record.name}: cannot be read ({error.strerror or error})."
    if hashes:
        host.models.put_hash(record, *hashes)
    return ""
