"""Everything but this stands in pyproject.toml: a wheel carries the rules' pages parsed, beside the pages themselves.

pip compiles modules when it installs them; parsing the pages is ten times as dear, and where a package is installed
its users often may not write.
"""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildWithParsedPages(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            sys.path.insert(0, str(HERE))
            from sqlite_lint.catalog import parsed_pages
            from sqlite_lint.rule_cache import SHIPPED, ship

            ship(Path(self.build_lib, "sqlite_lint", "rules", SHIPPED), parsed_pages())


setup(cmdclass={"build_py": BuildWithParsedPages})
