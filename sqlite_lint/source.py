"""Reading and writing source files without losing anything: encoding, byte order mark, line ends, mode, links."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from typing import NamedTuple

from sqlite_lint.regex import regex

MAX_BYTES = 10_000_000
"""Larger files are not checked: parsing them would take minutes and gigabytes, and nobody wrote them by hand."""

_COOKIE = regex(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BLANK = regex(rb"^[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")


class Source(NamedTuple):
    """A file's text, without its byte order mark and with its own line ends, and how to write it back."""

    text: str
    encoding: str = "utf-8"
    bom: bool = False
    data: bytes = b""


class SourceError(Exception):
    """Why a file cannot be read or written; ``row`` and ``column`` count from 1."""

    def __init__(self, message: str, row: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.row = row
        self.column = column


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file; raises SourceError otherwise."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise SourceError("is a directory that cannot be listed" if stat.S_ISDIR(mode) else "is not a regular file")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(_unreadable(error, path)) from error


def read_source(path: str) -> Source:
    """Read and decode a file; raises SourceError."""
    return decode(read_bytes(path), path)


def decode(data: bytes, path: str) -> Source:
    """Decode SQL as UTF-8, Python source by its mark or cookie (PEP 263); raises SourceError."""
    if len(data) > MAX_BYTES:
        raise SourceError(f"has {len(data) / 1e6:.1f} MB; files over {MAX_BYTES // 1_000_000} MB are not checked")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, *_UTF_32)):
        width = "32" if data.startswith(_UTF_32) else "16"
        raise SourceError(f"is UTF-{width}; Python and the sqlite3 shell read UTF-8")
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[3:] if bom else data
    encoding = "utf-8" if path.lower().endswith(".sql") else _declared_encoding(body)
    if bom and encoding != "utf-8":
        raise SourceError(f"begins with a UTF-8 byte order mark but declares {encoding}")
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        row = body.count(b"\n", 0, error.start) + 1
        column = error.start - (body.rfind(b"\n", 0, error.start) + 1) + 1
        wrong = f"0x{body[error.start]:02x}" if error.start < len(body) else "the end"
        raise SourceError(f"is not valid {encoding}: {wrong} at byte {error.start}", row, column) from error
    except (LookupError, UnicodeError) as error:
        raise SourceError(f"declares the unknown encoding {encoding!r}") from error
    null = text.find("\0")
    if null >= 0:
        row = text.count("\n", 0, null) + 1
        raise SourceError("contains a null byte", row, null - (text.rfind("\n", 0, null) + 1) + 1)
    return Source(text, encoding, bom, data)


def is_plain(data: bytes) -> bool:
    """Tell whether Python source is certain to be read without an error."""
    head = data[: data.find(b"\n", data.find(b"\n") + 1)] if b"coding" in data else b""
    if b"coding" in head and _declared_encoding(data) != "utf-8":
        return False
    if b"\0" in data or len(data) > MAX_BYTES:
        return False
    if data.isascii():
        return True
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _declared_encoding(body: bytes) -> str:
    """The encoding that a Python file declares in its first two lines, as the interpreter reads it."""
    for _ in range(2):
        end = body.find(b"\n") + 1 or len(body)
        found = _COOKIE.match(body, 0, end)
        if found:
            name = found.group(1).decode("ascii", "replace").lower().replace("_", "-")
            if name == "utf-8" or name.startswith("utf-8-"):
                return "utf-8"
            return name
        if not _BLANK.match(body):
            break
        body = body[end:]
    return "utf-8"


def encode(text: str, like: Source) -> bytes:
    """The bytes of ``text`` in the encoding of another source; raises UnicodeEncodeError."""
    return (codecs.BOM_UTF8 if like.bom else b"") + text.encode(like.encoding)


def write_source(path: str, old: Source, text: str) -> None:
    """Put ``text`` in place of ``old`` at once or not at all; the mode is kept and links stay links.

    Raises SourceError, with the file as it was, where it cannot be written or was changed in the meantime.
    """
    try:
        data = encode(text, old)
    except UnicodeEncodeError as error:
        raise SourceError(f"the fix cannot be written in {old.encoding}: {error.reason}") from error
    try:
        _replace(os.path.realpath(path), old.data, data)
    except OSError as error:
        raise SourceError(f"cannot be written: {_reason(error)}") from error


def _replace(target: str, old: bytes, new: bytes) -> None:
    with open(target, "r+b") as file:  # fails where writing is not allowed, although a rename would succeed
        if file.read() != old:
            raise SourceError("was changed by someone else in the meantime; left as it is")
    info = os.stat(target)
    temporary = f"{target}.{os.getpid()}.sqlite-lint.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(temporary, info)
        os.chmod(temporary, stat.S_IMODE(info.st_mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _keep_owner(path: str, info: os.stat_result) -> None:
    chown = getattr(os, "chown", None)
    made = os.stat(path)
    if chown is not None and (made.st_uid, made.st_gid) != (info.st_uid, info.st_gid):
        try:
            chown(path, info.st_uid, info.st_gid)
        except OSError:
            return  # another owner's file in a shared directory: the content matters more


def _unreadable(error: OSError, path: str) -> str:
    if isinstance(error, FileNotFoundError):
        return "is a broken symbolic link" if os.path.islink(path) else "does not exist"
    if error.errno == errno.ELOOP:
        return "is part of a circle of symbolic links"
    return f"cannot be read: {_reason(error)}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
