"""Real packages, pinned, downloaded from the package index and unpacked.  Their code is read, never run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {
    "open-webui": "0.12.4",
    "homeassistant": "2024.3.3",
    "datasette": "0.65.5",
    "sqlite-utils": "4.2.1",
    "langgraph-checkpoint-sqlite": "3.1.2",
    "mlflow-skinny": "3.17.2",
    "prefect": "3.9.1",
    "django": "5.2.19",
}

SQLFLUFF = "sqlfluff==4.5.0"

DEFAULT_DIRECTORY = Path(tempfile.gettempdir()) / "sqlite-lint-benchmarks"


def unpacked(name: str, version: str, directory: Path = DEFAULT_DIRECTORY) -> Path:
    """The directory with the package's files; downloads it the first time."""
    target = directory / f"{name}-{version}"
    if not target.is_dir():
        wheel = _download(name, version, directory / "wheels")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
    return target


def _download(name: str, version: str, directory: Path) -> Path:
    stem = f"{name.replace('-', '_')}-{version}-"
    for attempt in (0, 1):
        found = sorted(directory.glob(f"{stem}*.whl"))
        if found:
            return found[0]
        if attempt == 0:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*command, "--dest", str(directory), f"{name}=={version}"], check=True)
    raise FileNotFoundError(f"pip gave no wheel {stem}*.whl")


def sqlfluff(directory: Path = DEFAULT_DIRECTORY) -> Path:
    """The program sqlfluff, in a virtual environment of its own; installed the first time."""
    home = directory / "sqlfluff"
    if not (home / "bin" / "sqlfluff").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", SQLFLUFF], check=True)
    return home / "bin" / "sqlfluff"


def source_files(root: Path) -> list[Path]:
    """All files below ``root`` that sqlite-lint reads, sorted."""
    suffixes = {".py", ".pyi", ".sql"}
    return sorted(path for path in root.rglob("*") if path.suffix in suffixes and path.is_file())
