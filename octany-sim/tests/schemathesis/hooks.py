"""URLs that lead nowhere: the simulator really sends webhooks to those that are registered."""

import schemathesis
from hypothesis import strategies

HOSTS = strategies.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
PATHS = strategies.from_regex(r"(/[a-z0-9]{1,8}){0,3}", fullmatch=True)

schemathesis.openapi.format(
    "uri", strategies.builds("https://{}.invalid{}".format, HOSTS, PATHS)
)
