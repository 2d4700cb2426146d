"""Write config/README.md, the keys of config.yaml, from the schema that a run checks it with.

python -m workflow.commands.pages.document_config
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from workflow.config.config_checks import SCHEMA

PAGE = Path("config/README.md")
_HEAD = """# The config

`config.yaml` in the folder above (`config/config.yaml` is the same file, where `snakedeploy` looks) holds every number
of every figure. It is read strictly: an unknown key, a key given twice or a value that is not allowed is refused with
its line before anything runs. [docs/extend.md](../docs/extend.md) shows the keys at work. Made from
`workflow/schemas/config.schema.yaml` by `make docs`.

| key | is | meaning |
|---|---|---|
"""


def page(schema: Mapping[str, Any]) -> str:
    """The whole page."""
    required = schema["required"]
    return _HEAD + "".join(
        row
        for key, rule in schema["properties"].items()
        for row in _rows(schema, rule, key, "needed" if key in required else "")
    )


def _rows(schema: Mapping[str, Any], rule: Mapping[str, Any], path: str, needed: str) -> Iterator[str]:
    """One row for a key that has a title or nothing below it, then those of the keys below."""
    rule = _followed(schema, rule)
    below = rule.get("patternProperties", {}).values()
    if "title" in rule or (not below and "properties" not in rule):
        yield f"| `{path}` | {_what(rule)} | {'; '.join(filter(None, [rule.get('title', ''), needed]))} |\n"
    for inner in below:
        yield from _rows(schema, inner, f"{path}.{'<name>' if '<' in path else '<collection>'}", "")
    either = rule.get("else", {}).get("required", ())
    for key, inner in rule.get("properties", {}).items() if path != "large" else ():
        word = (
            "needed" if key in rule.get("required", ()) else "needed without `file`" if key in either else ""
        )
        yield from _rows(schema, inner, f"{path}.{key}", word)


def _what(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return " or ".join(f"`{value}`" for value in rule["enum"])
    items = rule.get("items", {})
    kind = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number"}[rule["type"]]
    described = rule.get("description") or items.get("description")
    return f"{kind}: {described}" if described and kind != "mapping" else kind


def _followed(schema: Mapping[str, Any], rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule, or the one that it refers to."""
    if "$ref" not in rule:
        return rule
    found: Any = schema
    for step in rule["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def main() -> None:
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    PAGE.write_text(page(schema), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
