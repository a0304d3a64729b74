"""Functions that a library runs in threads of its own: handlers of a bot, jobs of a scheduler, observers of files."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from sqlite_lint.hosts.deeds import Deeds
from sqlite_lint.hosts.module import Function
from sqlite_lint.hosts.sinks import name_of_call
from sqlite_lint.regex import regex

NAMED: Final = regex(r"TeleBot|BackgroundScheduler|EventHandler|loop_start")
_BOT: Final = "telebot.TeleBot"  # by default it runs its handlers in a pool of threads
_NO_THREADS: Final = regex(r"threaded\s*=\s*False")
_SCHEDULER: Final = "apscheduler.schedulers.background.BackgroundScheduler"
_PAHO: Final = "paho.mqtt.client.Client"
_OBSERVED: Final = regex(r"watchdog\.events\.\w*EventHandler")


def run_by_libraries(deeds: Deeds, made: Mapping[str, str]) -> Iterator[tuple[Function, ast.AST]]:
    """The functions, and what hands them to the library; ``made`` tells what made the object behind a name."""
    module = deeds.module
    if not NAMED.search(module.text):
        return
    threaded = _NO_THREADS.search(module.text) is None
    for function in module.functions:
        for decorator in function.decorator_list:
            maker, method = _method(decorator.func, made) if isinstance(decorator, ast.Call) else ("", "")
            handles = maker == _BOT and threaded and method.endswith("_handler")
            if handles or (maker == _SCHEDULER and method == "scheduled_job"):
                yield function, function
    for call in module.calls:
        if name_of_call(call) == "add_job" and call.args and _method(call.func, made)[0] == _SCHEDULER:
            job = deeds.function_named(call.args[0], call)
            if job is not None:
                yield job, call
    for cls in module.classes:
        if any(_OBSERVED.fullmatch(module.dotted(base) or "") for base in cls.bases):
            yield from ((f, f) for f in cls.body if isinstance(f, ast.FunctionDef) and f.name.startswith("on_"))
    if "loop_start(" in module.text:
        yield from _callbacks(deeds, made)


def _callbacks(deeds: Deeds, made: Mapping[str, str]) -> Iterator[tuple[Function, ast.AST]]:
    """What ``client.on_message = f`` hands to paho's client, whose ``loop_start()`` starts a thread."""
    for node in deeds.module.of(ast.Assign):
        maker, event = _method(node.targets[0], made)
        function = deeds.function_named(node.value, node) if maker == _PAHO and event.startswith("on_") else None
        if function is not None:
            yield function, node


def _method(node: ast.expr, made: Mapping[str, str]) -> tuple[str, str]:
    """For ``bot.message_handler`` the dotted name of the class that made ``bot``, and the attribute."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        return made.get(ast.unparse(node.value), ""), node.attr
    return "", ""
