"""Gives files their names without ever replacing one: renames on one disk, complete copies from one disk to another."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from app.api import UserError

from .places import taken

NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EINVAL})
"""What systems say that cannot give a file a second name there: another disk, or a file system without links."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def move_file(source: Path, target: Path) -> None:
    """Move a file or a link; folders on the way are made. Raises UserError: 409 where something is there, 507 for a disk that refuses.

    A process that has the file mapped or open goes on with it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            os.symlink(os.path.join(source.parent, os.readlink(source)), target)
            source.unlink()
            return
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            _without_links(source, target)
            return
        source.unlink()
    except FileExistsError as error:
        raise taken(target.name) from error
    except OSError as error:
        raise disk_error(target.name, error) from error


def disk_error(name: str, error: OSError) -> UserError:
    """The error for a file that the disk refuses."""
    hint = "Make room on the disk." if error.errno in NO_ROOM else "Check the permissions of its folder."
    return UserError(f"{name} cannot be written ({error.strerror or type(error).__name__}).", hint=hint, status=507)


def _without_links(source: Path, target: Path) -> None:
    """Take the name first, so that nobody else gets it, then put the content there in one step."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        try:
            source.replace(target)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        with source.open("rb") as reader, temporary.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 16 * 1024 * 1024)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, temporary)
        temporary.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    source.unlink()
