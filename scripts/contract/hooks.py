"""What Schemathesis must know of us: ids that lead somewhere, and how TOML is sent."""

import itertools
import json
import os

import schemathesis

# By the name of the place in an address; by the address where one name means several things.
NAMES = json.loads(os.environ["CONTRACT_NAMES"])
_turn = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every second request goes to a thing that is there: ids made up by a generator never find one."""
    if not case.path_parameters or next(_turn) % 2:
        return
    known = {**NAMES["*"], **NAMES.get(case.operation.path, {})}
    for name in case.path_parameters:
        if name in known:
            case.path_parameters[name] = known[name]


@schemathesis.serializer("application/toml")
def toml(context, value):
    return value if isinstance(value, (bytes, str)) else json.dumps(value)
