"""Writes the fixture of the REST contract as an OpenAPI document, which schemathesis reads.

What is "older" stands in older documents only and is left out, so that what remains is the contract.
`pattern` and `additionalProperties` of what is sent bind our client: a server that follows the
contract takes more than that.
"""

import json
import sys
from pathlib import Path

FIXTURE = Path(__file__).parents[3] / "octany-client/tests/contract/contract.json"
IDS = {"{id}": {"type": "string"}, "{number}": {"type": "integer"}}


def schema(of):
    """A schema without what is older, and with references into an OpenAPI document."""
    if isinstance(of, list):
        return [schema(it) for it in of if not is_older(it)]
    if not isinstance(of, dict):
        return of
    made = {name: schema(it) for name, it in of.items() if not is_older(it)}
    if "$ref" in made:
        made["$ref"] = made["$ref"].replace("#/$defs/", "#/components/schemas/")
    if len(made.get("anyOf", [])) == 1:
        made = made["anyOf"][0]
    return made


def is_older(it):
    return isinstance(it, dict) and it.get("older") is True


def taken(of):
    """A schema of what is sent."""
    if isinstance(of, list):
        return [taken(it) for it in of]
    if not isinstance(of, dict):
        return of
    loose = ("pattern", "additionalProperties")
    return {name: taken(it) for name, it in schema(of).items() if name not in loose}


def parameters(operation):
    for name, kind in IDS.items():
        if name in operation["path"]:
            yield {"in": "path", "name": "id", "required": True, "schema": kind}
    for name, kind in operation.get("query", {}).items():
        if not is_older(kind):
            yield {"in": "query", "name": name, "schema": taken(kind)}


def responses(answers):
    made = {}
    for answer in answers:
        response = made.setdefault(str(answer["status"]), {"description": ""})
        if answer.get("body") != "":
            # Without a schema, as the `null` of a 401, it may be anything.
            name = answer.get("schema")
            kind = {"$ref": f"#/components/schemas/{name}"} if name else {}
            response["content"] = {"application/json": {"schema": kind}}
    return made


def document(contract):
    paths = {}
    for name, operation in contract["operations"].items():
        if is_older(operation):
            continue
        path = operation["path"].replace("{number}", "{id}")
        made = {
            "operationId": name,
            "parameters": list(parameters(operation)),
            "responses": responses(contract["anywhere"] + operation["answers"]),
        }
        if "request" in operation:
            content = {"application/json": {"schema": taken(operation["request"])}}
            made["requestBody"] = {"required": True, "content": content}
        paths.setdefault(path, {})[operation["method"].lower()] = made
    return {
        "openapi": "3.1.0",
        "info": {"title": "Octany", "version": "2025-04-25"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-KEY"}},
            "schemas": schema(contract["schemas"]),
        },
    }


if __name__ == "__main__":
    json.dump(document(json.loads(FIXTURE.read_text())), sys.stdout, indent=1)
