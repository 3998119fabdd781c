#!/usr/bin/env bash
# Test-Json cannot read a draft-04 schema, ignores every format, counts letters as people do, and numbers exactly; ajv differs.
#
# Versions:  PowerShell 7.6.9 (NuGet tool; JsonSchema.Net), ajv 8.17.1, ajv-formats 3.0.1, ajv-draft-04 1.0.0 (npm), Node 20.
# Guess:     one schema, one verdict: the two differ in patterns, which each gives to its own engine, and in multipleOf with a
#            fraction. Both read the drafts from 4 on, from which most schemas in use come, and check the usual formats.
# Seen:      a schema that says draft-04 is an error for Test-Json (UnresolvedJsonSchemaRef), even a plain one. No format is
#            checked, be it date-time, uri or regex, whatever the draft. maxLength counts what a reader takes for a letter, so
#            that an e with a combining accent is one, where the specification counts code points. Whole numbers above
#            2 ** 53 and long fractions are compared as written. Where a rule needs the value of 1e30 or 1e400, the document
#            is "InvalidJson" (for ajv 1e30 is not a multiple of 1), and so it is for a list under `items` in a schema of
#            2020-12. In a pattern $ matches in front of a last line feed, and a dot half a letter beyond the basic plane.
#            Beside $ref in draft-07 it ignores other rules, which ajv heeds.
# So:        a schema that both sides shall judge alike says its draft (07 or later), spells formats as patterns, and limits
#            numbers to what a double holds. A build tries both on the same values; Test-Json alone checks no formats.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null

npm init -y >/dev/null
npm install --silent --no-audit --no-fund ajv@8.17.1 ajv-formats@3.0.1 ajv-draft-04@1.0.0

cat >make.cjs <<'JS'
// Writes the cases with the verdict of ajv for each.
const addFormats = require('ajv-formats').default;
const drafts = {
  'http://json-schema.org/draft-04/schema#': require('ajv-draft-04').default,
  'http://json-schema.org/draft-07/schema#': require('ajv').default,
  'https://json-schema.org/draft/2020-12/schema': require('ajv/dist/2020').default,
};
const [four, seven, newest] = Object.keys(drafts);
const cases = [
  ['draft-04', { $schema: four, type: 'string' }, '"a"'],
  ['date-time', { $schema: newest, format: 'date-time' }, '"yesterday"'],
  ['date-time, draft-07', { $schema: seven, format: 'date-time' }, '"yesterday"'],
  ['uri', { $schema: newest, format: 'uri' }, '"not a uri"'],
  ['regex', { $schema: newest, format: 'regex' }, '"("'],
  ['letter with accent', { $schema: newest, maxLength: 1 }, '"e\\u0301"'],
  ['letter beyond the plane', { $schema: newest, maxLength: 1 }, '"\\ud83d\\ude00"'],
  ['above 2 ** 53', { $schema: newest, maximum: 9007199254740992 }, '9007199254740993'],
  ['long fraction', { $schema: newest, maximum: 0.3 }, '0.30000000000000001'],
  ['fraction as divisor', { $schema: newest, multipleOf: 0.01 }, '19.99'],
  ['large, as an integer', { $schema: newest, type: 'integer' }, '1e400'],
  ['large, with a divisor', { $schema: newest, multipleOf: 1 }, '1e30'],
  ['large, as a number', { $schema: newest, type: 'number' }, '1e400'],
  ['list under items', { $schema: newest, items: [{ type: 'string' }] }, '["a"]'],
  ['last line feed', { $schema: newest, pattern: '^a$' }, '"a\\n"'],
  ['dot', { $schema: newest, pattern: '^.$' }, '"\\ud83d\\ude00"'],
  ['beside $ref', { $schema: seven, definitions: { a: { type: 'string' } }, properties: { x: { $ref: '#/definitions/a', maxLength: 1 } } }, '{"x":"long"}'],
  ['whole number with a point', { $schema: newest, type: 'integer' }, '1.0'],
];
const judge = (schema, text) => {
  const ajv = new drafts[schema.$schema]({ strict: false, logger: false });
  addFormats(ajv);
  try {
    return ajv.compile(schema)(JSON.parse(text)) ? 'valid' : 'not valid';
  } catch {
    return 'error';
  }
};
console.log(JSON.stringify(cases.map(([name, schema, text]) => ({ name, schema: JSON.stringify(schema), text, ajv: judge(schema, text) }))));
JS
node make.cjs >cases.json

cat >"$work/try.ps1" <<'PS'
param([string] $Cases)
$seen = foreach ($case in Get-Content $Cases -Raw | ConvertFrom-Json) {
    $verdict = try {
        if (Test-Json -Json $case.text -Schema $case.schema -ErrorAction Stop) { 'valid' } else { 'not valid' }
    } catch {
        $id = ($_.FullyQualifiedErrorId -split ',')[0]
        $id -like 'InvalidJsonAgainst*' ? 'not valid' : $id
    }
    "$($case.name): ajv $($case.ajv), Test-Json $verdict"
}
$seen
$expected = @(
    'draft-04: ajv valid, Test-Json UnresolvedJsonSchemaRef'
    'date-time: ajv not valid, Test-Json valid'
    'date-time, draft-07: ajv not valid, Test-Json valid'
    'uri: ajv not valid, Test-Json valid'
    'regex: ajv not valid, Test-Json valid'
    'letter with accent: ajv not valid, Test-Json valid'
    'letter beyond the plane: ajv valid, Test-Json valid'
    'above 2 ** 53: ajv valid, Test-Json not valid'
    'long fraction: ajv valid, Test-Json not valid'
    'fraction as divisor: ajv not valid, Test-Json valid'
    'large, as an integer: ajv valid, Test-Json InvalidJson'
    'large, with a divisor: ajv not valid, Test-Json InvalidJson'
    'large, as a number: ajv valid, Test-Json valid'
    'list under items: ajv error, Test-Json InvalidJson'
    'last line feed: ajv not valid, Test-Json valid'
    'dot: ajv valid, Test-Json not valid'
    'beside $ref: ajv not valid, Test-Json valid'
    'whole number with a point: ajv valid, Test-Json valid'
)
if (Compare-Object -ReferenceObject $expected -DifferenceObject $seen -SyncWindow 0) { exit 1 }
PS
timeout 100 "$work/tool/pwsh" -NoProfile -NonInteractive -File "$work/try.ps1" -Cases "$work/cases.json"
