"""Options that several commands take alike, written once: the fields of a frozen dataclass.

What one is called, and what its help says, stands at its field as it would at a command's own parameter.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any, get_type_hints


def taking(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options that are the fields of `kind`; the command gets one such value as `options`."""
    hints = get_type_hints(kind, include_extras=True)
    taken = [
        inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[one.name]
        )
        for one in fields(kind)
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        spread: list[inspect.Parameter] = []
        for parameter in own.parameters.values():
            spread += taken if parameter.name == "options" else [parameter]

        @wraps(command)
        def run(**given: Any) -> None:
            options = kind(**{option.name: given.pop(option.name) for option in taken})
            command(**given, options=options)

        # Typer asks the signature for the order and the defaults, and the annotations for the types.
        vars(run)["__signature__"] = own.replace(parameters=spread)
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in spread}
        return run

    return decorate
