"""Tell whether a path lies on a network file system, where memory maps are slow."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "afs", "ceph", "glusterfs", "lustre", "sshfs", "fuse.sshfs", "webdav", "davfs", "ncpfs"}
)


def is_network_path(path: Path) -> bool:
    """True when the file's mount is a network file system (Linux, macOS) or the path is a UNC or remote drive (Windows)."""
    resolved = path.resolve()
    if sys.platform == "win32":
        if str(resolved).startswith("\\\\"):
            return True
        return any("remote" in part.opts and resolved.is_relative_to(part.mountpoint) for part in psutil.disk_partitions(all=True))
    best, kind = -1, ""
    for part in psutil.disk_partitions(all=True):
        if resolved.is_relative_to(part.mountpoint) and len(part.mountpoint) > best:
            best, kind = len(part.mountpoint), part.fstype
    return kind.lower() in NETWORK_TYPES
