#!/usr/bin/env bash
# In npm's CycloneDX bill a package bears the name of its folder or alias, and a real dependency can go under that name.
#
# Versions:  npm 11.19.1 and @cyclonedx/cyclonedx-npm 6.0.1 (npm), Node 20.
# Guess:     name and purl of a component say the same, and both formats of npm sbom, and CycloneDX's own tool, name the same
#            packages: an alias is the package behind it, a workspace what its package.json says.
# Seen:      a workspace and a `file:` dependency are called after their folders. Of a package that is there by its own name
#            and by an alias, in the same version, there is one component, with the name of the alias. The purl is right each
#            time, and so are the names in npm's SPDX bill and in that of cyclonedx-npm, which has both of the two. A licence
#            "SEE LICENSE IN ..." goes into the SPDX bill as it is, where it is not an expression. All three give a workspace
#            and a folder the purl of a package of the registry, as if they came from there.
# So:        a bill from npm is read by purl and never by name; what is local is taken out before it is compared with lists of
#            known faults, which know only the registry's package of that name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir tools project
cd tools
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact npm@11.19.1 @cyclonedx/cyclonedx-npm@6.0.1 >/dev/null
PATH="$work/tools/node_modules/.bin:$PATH"
cd ../project
mkdir -p packages/folder local
cat >package.json <<'JSON'
{
  "name": "project", "version": "1.0.0", "private": true, "license": "SEE LICENSE IN LICENSE.txt", "workspaces": ["packages/*"],
  "dependencies": { "ms": "2.1.3", "local-part": "file:local" }
}
JSON
cat >packages/folder/package.json <<'JSON'
{ "name": "@scope/part", "version": "0.1.0", "license": "MIT", "dependencies": { "alias": "npm:ms@2.1.3" } }
JSON
echo '{ "name": "local-part", "version": "0.2.0", "license": "MIT" }' >local/package.json
npm install --silent --no-audit --no-fund
npm sbom --sbom-format cyclonedx >cyclonedx.json
npm sbom --sbom-format spdx >spdx.json
cyclonedx-npm --output-file other.json 2>/dev/null
cat >show.cjs <<'JS'
const list = (file, of) => of(require(`./${file}`)).sort().forEach((line) => console.log(line));
const components = ({ components }) => components.map(({ group, name, purl }) => `${group ? `${group}/` : ''}${name} = ${purl}`);
console.log('npm, CycloneDX:');
list('cyclonedx.json', components);
console.log('npm, SPDX:');
list('spdx.json', ({ packages }) => packages.map((one) => `${one.name} = ${one.externalRefs[0].referenceLocator}, ${one.licenseDeclared}`));
console.log('cyclonedx-npm:');
list('other.json', components);
JS
node show.cjs | tee seen
cat >expected <<'TEXT'
npm, CycloneDX:
alias = pkg:npm/ms@2.1.3
folder = pkg:npm/%40scope/part@0.1.0
local = pkg:npm/local-part@0.2.0
npm, SPDX:
@scope/part = pkg:npm/%40scope/part@0.1.0, MIT
local-part = pkg:npm/local-part@0.2.0, MIT
ms = pkg:npm/ms@2.1.3, MIT
project = pkg:npm/project@1.0.0, SEE LICENSE IN LICENSE.txt
cyclonedx-npm:
@scope/part = pkg:npm/%40scope/part@0.1.0
local-part = pkg:npm/local-part@0.2.0
ms = pkg:npm/ms@2.1.3
ms = pkg:npm/ms@2.1.3
TEXT
diff expected seen
