#!/usr/bin/env python3
"""Makes what the Helm chart says twice: values.schema.json and the README's table of values.

  tools/chart/generate.py          writes both
  tools/chart/generate.py --check  writes nothing; fails and tells which differs

Sources: helm/streamgauge/values.yaml, where `# --` describes a value and `# @schema` adds JSON
Schema to the type that its default has; and docs/streamgauge.reference.yml, which has every key of
the agent's configuration.
"""
import json
import pathlib
import re
import sys

import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CHART = REPOSITORY / 'helm' / 'streamgauge'
VALUES = CHART / 'values.yaml'
REFERENCE = REPOSITORY / 'docs' / 'streamgauge.reference.yml'
SCHEMA = CHART / 'values.schema.json'
README = CHART / 'README.md'
TABLE = re.compile(r'(<!-- values: [^\n]*-->\n).*(<!-- end of values -->)', re.S)

JSON_TYPES = {'str': 'string', 'bool': 'boolean', 'int': 'integer', 'float': 'number',
              'seq': 'array', 'map': 'object', 'null': 'null'}


class Value:
    """One described value: its path, description, default and schema."""

    def __init__(self, path, description, default, schema):
        self.path, self.description, self.default, self.schema = path, description, default, schema


def comment_above(lines, line):
    """The comment lines that stand directly above a line, without their `#`."""
    found = []
    while line > 0 and lines[line - 1].strip().startswith('#'):
        line -= 1
        found.insert(0, lines[line].strip()[1:].strip())
    return found


def described(comment, path):
    """Description and schema of a comment; None where it describes no value."""
    starts = [i for i, text in enumerate(comment) if text.startswith('-- ')]
    if not starts:
        return None
    words, schema = [], {}
    for text in comment[starts[-1]:]:
        if text.startswith('@schema '):
            schema.update(json.loads(text.removeprefix('@schema ')))
        else:
            words.append(text.removeprefix('-- '))
    if not words:
        sys.exit(f'values.yaml: {path} has an empty description')
    return ' '.join(words), schema


def of_default(node, plain):
    """The schema that a default value says: its type; for objects without keys, any of them."""
    kind = JSON_TYPES[node.tag.rpartition(':')[2]]
    schema = {'type': kind, 'default': plain}
    if kind == 'object':
        schema['additionalProperties'] = False
    return schema


def read_values(node, plain, lines, path=''):
    """Schema of a mapping of values.yaml, and its values in order."""
    schema, values = {'type': 'object', 'additionalProperties': False, 'properties': {}}, []
    for key, value in node.value:
        name = f'{path}.{key.value}'.lstrip('.')
        found = described(comment_above(lines, key.start_mark.line), name)
        if found:
            description, extra = found
            one = {'description': description}
            one.update(of_default(value, plain[key.value]))
            if '$ref' in extra:  # the definition says all the rest
                one = {'description': description}
            one.update(extra)
            values.append(Value(name, description, plain[key.value], one))
        elif isinstance(value, yaml.MappingNode) and value.value:
            one, inner = read_values(value, plain[key.value], lines, name)
            values += inner
        else:
            sys.exit(f'values.yaml: {name} has no description (# -- ...)')
        schema['properties'][key.value] = one
    return schema, values


# What the agent's configuration may hold. The agent itself checks values and says it better; here
# misspelt keys and wrong kinds are refused before anything is installed. Every scalar may also be a
# template or a ${VARIABLE}: a string.

def configuration_schema(reference):
    targets = reference['targets']
    by_type = {target['type']: loose(target) for target in targets}
    for kind, schema in by_type.items():
        schema['properties']['type'] = {'const': kind}
        schema['required'] = ['name', 'type']
    by_type['redis']['properties']['address'] = {'type': ['string', 'array'], 'items': {'type': 'string'}}
    by_type['kafka']['properties']['properties'] = {
        'type': ['object', 'null'], 'additionalProperties': {'type': ['string', 'number', 'boolean']}}
    config = loose({key: value for key, value in reference.items() if key != 'targets'})
    config['properties']['http']['properties']['web_config_file'] = {'type': 'string'}
    config['properties']['targets'] = {
        'type': 'array',
        'items': {
            'type': 'object',
            'required': ['name', 'type'],
            'properties': {'name': {'type': 'string'}, 'type': {'enum': sorted(by_type)}},
            'allOf': [{'if': {'properties': {'type': {'const': kind}}, 'required': ['type']},
                       'then': schema} for kind, schema in sorted(by_type.items())]}}
    return config


def loose(value):
    """The schema of one part of the reference configuration."""
    if isinstance(value, dict):
        return {'type': ['object', 'null'], 'additionalProperties': False,
                'properties': {key: loose(inner) for key, inner in value.items()}}
    if isinstance(value, list):
        return {'type': ['array', 'null'], 'items': loose(value[0]) if value else {'type': 'string'}}
    if isinstance(value, bool):
        return {'type': ['boolean', 'string', 'null']}
    if isinstance(value, (int, float)):
        return {'type': ['number', 'string', 'null']}
    if isinstance(value, str) and re.fullmatch(r'\d+(ms|s|m|h)', value):
        # A number is no duration either, but the chart says that in a better sentence.
        return {'type': ['string', 'number', 'null']}
    return {'type': ['string', 'null']}


def schema_text(schema, reference):
    document = {'$schema': 'http://json-schema.org/draft-07/schema#', 'title': 'Values'}
    document.update(schema)
    document['properties']['global'] = {
        'type': 'object', 'description': 'Of a chart that this one is a part of; not used.'}
    document['$defs'] = {'config': configuration_schema(reference)}
    return json.dumps(document, indent=2) + '\n'


def table(values):
    rows = ['| value | default | |', '|---|---|---|']
    for value in values:
        default = json.dumps(value.default, ensure_ascii=False)
        text = value.description.replace('|', '\\|').replace('<', '&lt;')
        rows.append(f'| `{value.path}` | `{default}` | {text} |')
    return '\n'.join(rows) + '\n'


def main():
    text = VALUES.read_text()
    schema, values = read_values(yaml.compose(text), yaml.safe_load(text), text.splitlines())
    wanted = {
        SCHEMA: schema_text(schema, yaml.safe_load(REFERENCE.read_text())),
        README: TABLE.sub(lambda m: m.group(1) + table(values) + m.group(2), README.read_text())}
    if '--check' not in sys.argv[1:]:
        for path, content in wanted.items():
            path.write_text(content)
        return
    stale = [str(path.relative_to(REPOSITORY)) for path, content in wanted.items()
             if not path.exists() or path.read_text() != content]
    if stale:
        sys.exit(f'{", ".join(stale)}: not what values.yaml and the reference configuration say; '
                 'run tools/chart/generate.py')


if __name__ == '__main__':
    main()
