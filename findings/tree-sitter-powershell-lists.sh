#!/usr/bin/env bash
# tree-sitter's grammar of PowerShell fails at a list of plain words, a switch on one line, 1MB in a comparison, and ?:.
#
# Versions:  tree-sitter-powershell 0.26.4 with web-tree-sitter 0.27.0 (npm), Node 20; PowerShell 7.6.9 (NuGet) reads all of it.
# Guess:     a grammar that editors, outlines and code search use reads what scripts of every day are made of; what is new in
#            PowerShell 7, such as a ? b : c, it may lack. Where it fails, the failure stays within the statement.
# Seen:      `Get-Item -Path a, b` is an error, with quotes around the words it passes. Errors are also a switch on one line,
#            where each clause on its own line is read, 1MB and 5kb behind an operator, though not behind =, a generic type with
#            its number, [Flags()] before enum, the operators ?: and ??, and .Where{ }. A list of plain words takes the next
#            statement along: the foreach after it is in the tree as words of the command.
# So:        a tool on this grammar looks at hasError before it trusts a tree, and falls back to PowerShell's own parser. In a
#            script that such tools shall read, quote the words of a list.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 HOME="$work/home" DOTNET_CLI_HOME="$work/home" POWERSHELL_TELEMETRY_OPTOUT=1
mkdir -p "$HOME"
cd "$work"
dotnet tool install PowerShell --version 7.6.9 --tool-path "$work/tool" >/dev/null
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts tree-sitter-powershell@0.26.4 web-tree-sitter@0.27.0

cat >snippets.json <<'JSON'
[
  "Get-Item -Path a",
  "Get-Item -Path 'a', 'b'",
  "Get-Item -Path a, b",
  "Get-Item a, b",
  "Get-Item -Path $a, $b",
  "$size = 1MB",
  "if ($size -gt 1000) { 1 }",
  "if ($size -gt 1MB) { 1 }",
  "switch ($day) { 0 { 1 } 1 { 2 } }",
  "switch ($day) {\n0 { 1 }\n1 { 2 }\n}",
  "[Collections.Generic.List[string]]::new()",
  "[EventHandler`1].Name",
  "enum E { A; B }",
  "[Flags()] enum E { A; B }",
  "$list.Where({ $_ })",
  "$list.Where{ $_ }",
  "$a ? 1 : 2",
  "$a ?? 1",
  "Get-Item -Path a, b\nforeach ($each in $list) { $each }"
]
JSON
cat >parser.ps1 <<'PS'
foreach ($snippet in Get-Content -Raw snippets.json | ConvertFrom-Json) {
    $errors = $null
    $null = [Management.Automation.Language.Parser]::ParseInput($snippet, [ref] $null, [ref] $errors)
    if ($errors) { "PowerShell: $snippet" }
}
PS
cat >try.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { Language, Parser } from 'web-tree-sitter';

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load('node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm'));
for (const snippet of JSON.parse(readFileSync('snippets.json', 'utf8'))) {
  const { rootNode } = parser.parse(`${snippet}\n`);
  const loops = rootNode.descendantsOfType('foreach_statement').length;
  const note = snippet.includes('foreach') ? `, foreach statements ${loops}` : '';
  console.log(`${rootNode.hasError ? 'error' : 'fine '}  ${snippet.replaceAll('\n', ' | ')}${note}`);
}
JS
{
    timeout 60 tool/pwsh -NoProfile -NonInteractive -File parser.ps1
    timeout 60 node try.mjs
} | tee seen
cat >expected <<'TEXT'
fine   Get-Item -Path a
fine   Get-Item -Path 'a', 'b'
error  Get-Item -Path a, b
error  Get-Item a, b
fine   Get-Item -Path $a, $b
fine   $size = 1MB
fine   if ($size -gt 1000) { 1 }
error  if ($size -gt 1MB) { 1 }
error  switch ($day) { 0 { 1 } 1 { 2 } }
fine   switch ($day) { | 0 { 1 } | 1 { 2 } | }
fine   [Collections.Generic.List[string]]::new()
error  [EventHandler`1].Name
fine   enum E { A; B }
error  [Flags()] enum E { A; B }
fine   $list.Where({ $_ })
error  $list.Where{ $_ }
error  $a ? 1 : 2
error  $a ?? 1
error  Get-Item -Path a, b | foreach ($each in $list) { $each }, foreach statements 0
TEXT
diff expected seen
