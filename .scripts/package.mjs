// npm run package: lays out what administrators install, from dist/ and powershell/, without a network. The same sources
// give the same bytes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { acceptChanges, sha256 } from './bridge-hashes.mjs';
import { intunewin } from './intunewin.mjs';
import { root, unpackedPackage } from './packages.mjs';
import { findPowerShell } from './powershell.mjs';
import { notices, sbom } from './sbom.mjs';
import { zip } from './zip.mjs';

const usage = `npm run package -- [--node x64,arm64] [--signing-script FILE] [--intunewin] [--project-url URL] [--output FOLDER]

  --node            puts an unmodified node.exe beside the bridge (fetched once with npm, checked against package.json)
  --signing-script  a PowerShell script that is called with -Path FOLDER, first for the programs (bin), then for the whole
                    package: it signs what it finds there and is not signed yet, and may add a file catalogue
  --intunewin       also writes the .intunewin file for a Win32 app in Intune; it differs each time by its random keys
  --project-url     the address of the repository, from which the manifests of the modules get their links
  --output          where the package is put; .package where it is not given`;

const options = readOptions();
const { version, windowsNode } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const output = resolve(options.output ?? join(root, '.package'));
const folder = join(output, `c2r-bridge-${version}`);
const moduleFolder = join(folder, 'C2RBridge');
const bin = join(moduleFolder, 'bin');
const source = join(root, 'powershell');

const architectures = options.node?.split(',') ?? [];
const unknown = architectures.find((architecture) => !Object.hasOwn(windowsNode, architecture));
if (unknown !== undefined) refuse(`--node takes ${Object.keys(windowsNode).join(' and ')}, not '${unknown}'.`);
const signingScript = options['signing-script'] && resolve(options['signing-script']);
if (signingScript && !existsSync(signingScript)) refuse(`There is no signing script '${signingScript}'.`);
const nodes = architectures.map((architecture) => {
  const unpacked = unpackedPackage(windowsNode[architecture]);
  return { ...windowsNode[architecture], architecture, license: 'MIT', folder: unpacked };
});

// Not the whole output folder: somebody may have named one where other things lie.
rmSync(folder, { recursive: true, force: true });
await layOut();
signPrograms();
acceptChanges(bin);
writeModule();
const programs = filesBelow(bin);
sign(folder);
requireUnchanged(programs);
writeChecksums();
const archive = join(output, `c2r-bridge-${version}.zip`);
writeFileSync(archive, zip(filesBelow(folder)));
for (const name of ['C2RBridge', 'C2RBridgeDsc']) {
  writeFileSync(join(output, `${name}.${version}.nupkg`), zip(nupkgFiles(name)));
}
if (options.intunewin) {
  const app = { name: `c2r-bridge ${version}`, setupFile: 'Install.ps1' };
  writeFileSync(join(output, `c2r-bridge-${version}.intunewin`), intunewin(filesBelow(folder), app));
}
console.log(`${archive} and the module packages beside it are ready.`);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        node: { type: 'string' },
        'signing-script': { type: 'string' },
        output: { type: 'string' },
        intunewin: { type: 'boolean' },
        'project-url': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (!values.help) return values;
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  console.log(usage);
  process.exit();
}

function refuse(reason) {
  console.error(`${reason}\n\n${usage}`);
  process.exit(2);
}

/** Everything that is copied as it is. Node 22's cpSync makes another folder on Windows where a path has an ü. */
async function layOut() {
  mkdirSync(bin, { recursive: true });
  for (const name of readdirSync(join(root, 'dist'))) await cp(join(root, 'dist', name), join(bin, name));
  for (const { architecture, folder: unpacked } of nodes) {
    mkdirSync(join(bin, architecture));
    await cp(join(unpacked, 'bin', 'node.exe'), join(bin, architecture, 'node.exe'));
  }
  for (const name of readdirSync(join(source, 'C2RBridge'))) {
    if (/\.(psd1|ps1xml)$/.test(name) || name === 'en-US') {
      await cp(join(source, 'C2RBridge', name), join(moduleFolder, name), { recursive: true });
    }
  }
  await cp(join(source, 'dsc', 'C2RBridgeDsc'), join(folder, 'C2RBridgeDsc'), { recursive: true });
  addLinks();
  await cp(join(source, 'intune'), join(folder, 'intune'), { recursive: true });
  await cp(join(source, 'package'), folder, { recursive: true });
  writeDscManifests();
  for (const target of [folder, moduleFolder]) {
    await cp(join(root, 'LICENSE'), join(target, 'LICENSE.txt'));
    writeFileSync(join(target, 'THIRD-PARTY-NOTICES.txt'), notices(nodes));
    writeFileSync(join(target, 'sbom.cdx.json'), `${JSON.stringify(sbom(version, nodes), null, 2)}\n`);
  }
}

/** What module repositories show beside a module. The sources do not know where they are published. */
function addLinks() {
  const url = options['project-url'];
  if (url === undefined) return;
  if (!/^https:\/\/[\w./-]+$/.test(url)) throw new Error('--project-url must be an https URL without a query.');
  const links = {
    ProjectUri: url,
    LicenseUri: `${url}/blob/v${version}/LICENSE`,
    IconUri: `${url}/raw/v${version}/.github/icon.png`,
  };
  const lines = Object.entries(links).map(([key, value]) => `            ${key.padEnd(12)} = '${value}'\n`);
  for (const name of ['C2RBridge', 'C2RBridgeDsc']) {
    const manifest = join(folder, name, `${name}.psd1`);
    const text = readFileSync(manifest, 'utf8');
    if (!/^ {8}PSData = @\{\n/m.test(text)) throw new Error(`${name}.psd1 has no PSData.`);
    writeFileSync(
      manifest,
      text.replace(/^ {8}PSData = @\{\n/m, (head) => head + lines.join('')),
    );
  }
}

/** The manifests of DSC v3 name the bridge by its path from where they lie, and the Node that comes with it. */
function writeDscManifests() {
  const target = join(moduleFolder, 'dsc');
  mkdirSync(target);
  // Windows on ARM64 runs both, other Windows only this one.
  const architecture = architectures.includes('x64') ? 'x64' : architectures[0];
  const executable = architecture ? `../bin/${architecture}/node.exe` : 'node';
  for (const name of readdirSync(join(source, 'dsc')).filter((entry) => entry.endsWith('.json'))) {
    const text = readFileSync(join(source, 'dsc', name), 'utf8')
      .replaceAll('"../../dist/c2r-bridge.cjs"', '"../bin/c2r-bridge.cjs"')
      .replaceAll('"executable": "node"', `"executable": "${executable}"`);
    writeFileSync(join(target, name), text);
  }
}

/** One script of all functions, which loads faster and can be signed as a whole, with the hash of what it starts. */
function writeModule() {
  const text = readFileSync(join(source, 'C2RBridge', 'C2RBridge.psm1'), 'utf8');
  const loop = /^foreach \(\$folder in 'Private', 'Public'\) \{\n(?: .*\n)*\}\n/m;
  if (!loop.test(text)) throw new Error('C2RBridge.psm1 no longer loads its functions the way that is merged here.');
  const functions = ['Private', 'Public'].flatMap((part) =>
    readdirSync(join(source, 'C2RBridge', part))
      .sort()
      .map((name) => readFileSync(join(source, 'C2RBridge', part, name), 'utf8').trim()),
  );
  const hash = `$script:BridgeHash = '${sha256(readFileSync(join(bin, 'c2r-bridge.cjs')))}'`;
  writeFileSync(
    join(moduleFolder, 'C2RBridge.psm1'),
    text.replace(loop, () => `${[...functions, hash].join('\n\n')}\n`),
  );
}

function sign(path) {
  if (!signingScript) return;
  const shell = findPowerShell({ desktop: true });
  if (!shell) throw new Error('--signing-script needs a PowerShell.');
  const { status } = spawnSync(shell, ['-NoProfile', '-NonInteractive', '-File', signingScript, '-Path', path], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${signingScript} ended with code ${status}.`);
}

/** What is added to them, a file catalogue, is added again for the whole package; now it would list a bridge that changes yet. */
function signPrograms() {
  const before = filesBelow(bin);
  sign(bin);
  for (const path of Object.keys(filesBelow(bin))) if (!before[path]) rmSync(join(bin, path));
}

/** The module has the hash of the bridge, which has those of the libraries: signed once more they would be refused. */
function requireUnchanged(before) {
  const after = filesBelow(bin);
  const changed = Object.keys(before).find((path) => !after[path]?.equals(before[path]));
  if (!changed) return;
  throw new Error(`The signing script changed bin/${changed} again: it must pass over what is signed already.`);
}

/** The module's manifest comes last: by it Install.ps1 knows that the list was not cut off. */
function writeChecksums() {
  const isLast = (path) => Number(path === 'C2RBridge/C2RBridge.psd1');
  const lines = Object.entries(filesBelow(folder))
    .sort(([a], [b]) => isLast(a) - isLast(b))
    .map(([path, content]) => `${sha256(content)}  ${path}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** A package for module repositories: the module with the parts that NuGet asks for. */
function nupkgFiles(name) {
  const manifest = readFileSync(join(folder, name, `${name}.psd1`), 'utf8');
  const field = (key) => new RegExp(`^ +${key} += '(.*)'$`, 'm').exec(manifest)?.[1] ?? '';
  const dependencies =
    name === 'C2RBridgeDsc' ? `<dependencies><dependency id="C2RBridge" version="${version}" /></dependencies>` : '';
  const nuspec = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
    <id>${name}</id>
    <version>${version}</version>
    <authors>${field('Author')}</authors>
    <description>${field('Description')}</description>
    <copyright>${field('Copyright')}</copyright>
    <license type="expression">MIT</license>
    <tags>PSModule ${tags(manifest)}</tags>
    ${links(manifest)}
    ${dependencies}
  </metadata>
</package>
`;
  const relation = 'http://schemas.microsoft.com/packaging/2010/07/manifest';
  const extensions = new Set(
    Object.keys(filesBelow(join(folder, name))).map((path) => /\.(\w+)$/.exec(path)?.[1]?.toLowerCase()),
  );
  const types = [...extensions, 'nuspec']
    .filter(Boolean)
    .sort()
    .map((extension) => `<Default Extension="${extension}" ContentType="application/octet" />`);
  return {
    ...filesBelow(join(folder, name)),
    [`${name}.nuspec`]: Buffer.from(nuspec),
    '_rels/.rels': Buffer.from(
      `<?xml version="1.0" encoding="utf-8"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Type="${relation}" Target="/${name}.nuspec" Id="R1" /></Relationships>\n`,
    ),
    '[Content_Types].xml': Buffer.from(
      `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />${types.join('')}</Types>\n`,
    ),
  };
}

/** The manifest's tags as NuGet writes them. */
function tags(manifest) {
  const listed = /Tags += @\(([^)]*)\)/.exec(manifest)?.[1] ?? '';
  return [...listed.matchAll(/'([^']*)'/g)].map(([, tag]) => tag).join(' ');
}

function links(manifest) {
  const elements = { ProjectUri: 'projectUrl', IconUri: 'iconUrl' };
  return Object.entries(elements)
    .map(([key, element]) => [new RegExp(`${key} += '(.*)'`).exec(manifest)?.[1], element])
    .filter(([value]) => value !== undefined)
    .map(([value, element]) => `<${element}>${value}</${element}>`)
    .join('');
}

function filesBelow(path) {
  return Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(path, name)).isFile())
      .map((name) => name.replaceAll('\\', '/'))
      .sort()
      .map((name) => [name, readFileSync(join(path, name))]),
  );
}
