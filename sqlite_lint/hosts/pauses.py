"""Calls that take as long as somebody else pleases: sleep, the network, another program, the user."""

from __future__ import annotations

import ast
import re
from typing import Final

from sqlite_lint.hosts.module import Module, name_of
from sqlite_lint.regex import regex

_PAUSES: Final = regex(
    r"(?:time|asyncio|anyio|trio|gevent|eventlet|curio)\.sleep"
    r"|(?:requests|httpx|niquests)\.(?:get|post|put|patch|delete|head|options|request|stream)"
    r"|urllib\.request\.(?:urlopen|urlretrieve)|urllib3\.request"
    r"|subprocess\.(?:run|call|check_call|check_output|getoutput|getstatusoutput)|os\.(?:system|popen)"
    r"|asyncio\.create_subprocess_(?:exec|shell)|input|getpass\.getpass|click\.(?:prompt|confirm)"
    r"|smtplib\.SMTP(?:_SSL)?|aiosmtplib\.send|socket\.create_connection"
    r"|stripe\.(?:\w+\.)+(?:create|modify|retrieve|capture|confirm|cancel|refund|list)"
)
_CLIENTS: Final = {
    **dict.fromkeys(
        ["requests.Session", "requests.session", "httpx.Client", "httpx.AsyncClient", "aiohttp.ClientSession"],
        frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send"}),
    ),
    **dict.fromkeys(["urllib3.PoolManager", "urllib3.HTTPSConnectionPool"], frozenset({"request", "urlopen"})),
    **dict.fromkeys(
        ["http.client.HTTPConnection", "http.client.HTTPSConnection"], frozenset({"request", "getresponse"})
    ),
    **dict.fromkeys(
        ["smtplib.SMTP", "smtplib.SMTP_SSL"], frozenset({"connect", "login", "send_message", "sendmail", "starttls"})
    ),
}
_CONCERNED: Final = regex("|".join(re.escape(name.rpartition(".")[2]) for name in _CLIENTS))


class Pauses:
    """Knows the pauses of one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._made: dict[str, str] | None = None

    def is_pause(self, call: ast.Call) -> bool:
        dotted = self._module.dotted(call.func)
        if dotted is not None and _PAUSES.fullmatch(dotted):
            first = call.args[0] if call.args else None
            return not (isinstance(first, ast.Constant) and first.value == 0)  # sleep(0) lets others run, no more
        function = call.func
        return isinstance(function, ast.Attribute) and function.attr in _CLIENTS.get(self._maker(function.value), ())

    def _maker(self, node: ast.expr) -> str:
        """The class of the client that an expression is; "" if it is none."""
        if isinstance(node, ast.Call):
            return self._module.dotted(node.func) or ""
        if self._made is None:
            self._made = dict(self._find_made()) if _CONCERNED.search(self._module.text) else {}
        return self._made.get(name_of(node) or "", "")

    def _find_made(self) -> list[tuple[str, str]]:
        found = []
        for call in self._module.calls:
            dotted = self._module.dotted(call.func)
            if dotted not in _CLIENTS:
                continue
            holder = self._module.parents[call]
            targets: list[ast.expr] = []
            if isinstance(holder, ast.Assign):
                targets = holder.targets
            elif isinstance(holder, ast.withitem) and holder.optional_vars is not None:
                targets = [holder.optional_vars]
            found += [(name, dotted) for target in targets if (name := name_of(target)) is not None]
        return found
