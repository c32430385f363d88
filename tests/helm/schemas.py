"""Schemas of Kubernetes' own objects and of custom ones, in the layout and strictness of kubeconform.

  schemas.py ARCHIVE FOLDER VERSION... -- DEFINITION.yaml...
"""

import json
import pathlib
import sys
import zipfile

import yaml


def built_in(archive, version):
    """{file name: schema} of one version of Kubernetes."""
    prefix = f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict/"
    with zipfile.ZipFile(archive) as package:
        for name in package.namelist():
            if name.startswith(prefix) and name.endswith(".json"):
                text = package.read(name).decode()
                # The files name each other by paths of that package's own.
                schema = json.loads(text.replace('"/api/_definitions.json', '"_definitions.json'))
                schema.pop("$id", None)
                yield name.removeprefix(prefix), schema


def make_strict(schema):
    """Refuses fields that a definition does not name, as the API server would drop them."""
    if isinstance(schema, list):
        for one in schema:
            make_strict(one)
    if not isinstance(schema, dict):
        return
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("type", None)
        schema.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if (
        schema.get("type") == "object"
        and "properties" in schema
        and not schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        schema.setdefault("additionalProperties", False)
    for one in schema.values():
        make_strict(one)


def custom(path):
    """{file name: schema} of the kinds that a file of definitions has."""
    for definition in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        spec = (definition or {}).get("spec", {})
        for version in spec.get("versions", []):
            schema = version["schema"]["openAPIV3Schema"]
            make_strict(schema)
            schema["properties"]["metadata"] = {"type": "object"}
            group = spec["group"].split(".")[0]
            yield f"{spec['names']['kind'].lower()}-{group}-{version['name']}.json", schema


def main(arguments):
    archive, folder, *rest = arguments
    versions, definitions = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    for version in versions:
        target = pathlib.Path(folder) / f"v{version}-standalone-strict"
        target.mkdir(parents=True)
        schemas = dict(built_in(archive, version))
        if not schemas:
            sys.exit(f"{archive} has no schemas of Kubernetes {version}")
        for path in definitions:
            schemas.update(custom(pathlib.Path(path)))
        for name, schema in schemas.items():
            (target / name).write_text(json.dumps(schema), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
