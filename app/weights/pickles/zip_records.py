"""The directory of a zip file, read strictly: two readers must never see two different files in one.

Format: APPNOTE.TXT of PKWARE; records are stored or deflated, with the extension for large files (zip64).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.weights.pickles import limits
from app.weights.pickles.refusal import Damaged
from app.weights.pickles.values import Region

FIRST, EMPTY = b"PK\x03\x04", b"PK\x05\x06"
"""What zip files begin with, and those without records."""
_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8
_STORED, _DEFLATED = 0, 8
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64 = 1
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    flags: int
    method: int
    crc: int
    stored_bytes: int
    size_bytes: int
    header_offset: int


@dataclass(frozen=True, slots=True)
class Record:
    """One file in the zip."""

    name: str
    region: Region
    crc: int


def ends_as_zip(file: BinaryIO, size: int) -> bool:
    """True for a file whose last bytes are the end of a zip file, whatever it begins with."""
    if size < _END.size:
        return False
    file.seek(max(0, size - _END.size - _FULL16))
    tail = file.read(_END.size + _FULL16)
    place = tail.rfind(EMPTY)
    return place >= 0 and len(tail) - place >= _END.size and place + _END.size + _END.unpack_from(tail, place)[-1] == len(tail)


def read_records(file: BinaryIO, size: int) -> list[Record]:
    """All records in the order of their places; raises Damaged where anything is not as it must be."""
    start, length, count = _directory(file, size)
    file.seek(start)
    raw = file.read(length)
    entries = list(_entries(raw, count))
    records = [_locate(file, entry, start) for entry in entries]
    _refuse_doubles(records)
    begins = {entry.name: entry.header_offset for entry in entries}
    records.sort(key=lambda record: begins[record.name])
    if records and begins[records[0].name]:
        raise Damaged("has something in front of its first record")
    position = 0
    for record in records:
        if begins[record.name] < position:
            raise Damaged(f"has records that overlap at {shown(record.name)}")
        position = record.region.offset + record.region.stored_bytes
    return records


def _refuse_doubles(records: list[Record]) -> None:
    seen: set[str] = set()
    for record in records:
        name = record.name.lower()
        if name in seen:
            raise Damaged(f"has two records of the name {shown(record.name)}, of which different programs read different ones")
        seen.add(name)


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """(first byte, bytes, entries) of the directory, which must reach to the end of the file."""
    end_offset = size - _END.size
    raw = _at(file, end_offset, _END.size)
    signature, disk, first_disk, here, count, length, start, comment = _END.unpack(raw)
    if signature != EMPTY or comment or disk or first_disk or here != count:
        raise Damaged("is a zip file that is cut short, or has something behind its end")
    directory_end = end_offset
    if _FULL16 in (count,) or _FULL32 in (length, start):
        place = _at(file, end_offset - _END64_PLACE.size, _END64_PLACE.size)
        mark, _, directory_end, _ = _END64_PLACE.unpack(place)
        end64 = _END64.unpack(_at(file, directory_end, _END64.size))
        if mark != b"PK\x06\x07" or end64[0] != b"PK\x06\x06" or directory_end + _END64.size != end_offset - _END64_PLACE.size:
            raise Damaged("is a large zip file whose end is damaged")
        count, length, start = end64[7], end64[8], end64[9]
    elif end_offset - start - length == _END64.size + _END64_PLACE.size:
        directory_end = start + length  # a writer that adds the end of large files to every file
    if start + length != directory_end or length > limits.MAX_DIRECTORY_BYTES or count > limits.MAX_RECORDS:
        raise Damaged("is a zip file whose directory is not where it should be")
    return start, length, count


def _entries(raw: bytes, count: int) -> Iterator[_Entry]:
    position = 0
    for _ in range(count):
        if position + _ENTRY.size > len(raw):
            raise Damaged("is a zip file whose directory is cut short")
        fields = _ENTRY.unpack_from(raw, position)
        flags, method, crc, stored, size, name_length, extra_length, comment_length = (*fields[3:5], *fields[7:13])
        begin = position + _ENTRY.size
        position = begin + name_length + extra_length + comment_length
        if fields[0] != b"PK\x01\x02" or position > len(raw):
            raise Damaged("is a zip file whose directory is damaged")
        name = _name(raw[begin : begin + name_length])
        extra = raw[begin + name_length : begin + name_length + extra_length]
        size, stored, offset = _large(extra, (size, stored, fields[16]))
        yield _Entry(name, flags, method, crc, stored, size, offset)
    if position != len(raw):
        raise Damaged("is a zip file whose directory has something behind its end")


def _large(extra: bytes, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """(size, stored size, offset) with those that need 64 bits taken from the extra field."""
    if _FULL32 not in values:
        return values
    position, found = 0, b""
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == _ZIP64:
            found = extra[position + 4 : position + 4 + length]
            break
        position += 4 + length
    result: list[int] = []
    for value in values:
        if value == _FULL32:
            if len(found) < 8:
                raise Damaged("is a zip file with sizes that are missing")
            value, found = struct.unpack_from("<Q", found)[0], found[8:]
        result.append(value)
    return result[0], result[1], result[2]


def _locate(file: BinaryIO, entry: _Entry, directory: int) -> Record:
    """Find a record's bytes behind its own header, which must agree with the directory."""
    if entry.flags & _ENCRYPTED or entry.method not in (_STORED, _DEFLATED):
        raise Damaged(f"has the record {shown(entry.name)}, which is encrypted or compressed in an unusual way")
    fields = _LOCAL.unpack(_at(file, entry.header_offset, _LOCAL.size))
    signature, flags, method, crc, stored, size, name_length, extra_length = (fields[0], *fields[2:4], *fields[6:])
    name = _at(file, entry.header_offset + _LOCAL.size, name_length)
    if signature != FIRST or method != entry.method or _name(name) != entry.name:
        raise Damaged(f"has the record {shown(entry.name)}, which calls itself otherwise")
    told = not flags & _SIZES_FOLLOW and _FULL32 not in (stored, size)
    if told and (crc, stored, size) != (entry.crc, entry.stored_bytes, entry.size_bytes):
        raise Damaged(f"has the record {shown(entry.name)}, whose size is told in two ways")
    offset = entry.header_offset + _LOCAL.size + name_length + extra_length
    if offset + entry.stored_bytes > directory:
        raise Damaged(f"has the record {shown(entry.name)}, which reaches beyond its end")
    is_deflated = entry.method == _DEFLATED
    if not is_deflated and entry.stored_bytes != entry.size_bytes:
        raise Damaged(f"has the record {shown(entry.name)}, whose size is told in two ways")
    return Record(entry.name, Region(offset, entry.stored_bytes, entry.size_bytes, is_deflated), entry.crc)


def read_record(file: BinaryIO, record: Record, limit: int) -> bytes:
    """All bytes of a record, unpacked and checked; raises Damaged, also when it has more than ``limit``."""
    if record.region.size_bytes > limit:
        raise Damaged(f"has the record {shown(record.name)} of {record.region.size_bytes:,} bytes, more than a model file needs")
    data = b"".join(unpack(file, record.region))
    if zlib.crc32(data) != record.crc:
        raise Damaged(f"has the record {shown(record.name)}, whose checksum is wrong")
    return data


def unpack(file: BinaryIO, region: Region) -> Iterator[bytes]:
    """The bytes of a region in blocks, never more than its size; raises Damaged when there are less or more."""
    file.seek(region.offset)
    left_stored, left = region.stored_bytes, region.size_bytes
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if region.is_deflated else None
    while left_stored > 0 and left >= 0:
        block = file.read(min(_BLOCK, left_stored))
        if not block:
            break
        left_stored -= len(block)
        if inflater is not None:
            try:
                block = inflater.decompress(block, left + 1)
            except zlib.error as error:
                raise Damaged("has a compressed record that is damaged") from error
        left -= len(block)
        yield block
    if left != 0 or (inflater is not None and not inflater.eof):
        raise Damaged("has a record that is not as long as it says")


def _name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged("has a record whose name is no text") from error


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    if not 0 <= offset < limits.MAX_SIZE:
        raise Damaged("is a zip file that is cut short")
    file.seek(offset)
    data = file.read(count)
    if len(data) != count:
        raise Damaged("is a zip file that is cut short")
    return data


def shown(name: str) -> str:
    """A record's name for people."""
    return repr(name[:80])
