// What is in a package besides our own code, as people read it and as CycloneDX tells it to machines.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './bridge-hashes.mjs';
import { cache, npm, root } from './packages.mjs';

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const koffiNative = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];

/** Of koffi's native parts only Windows' two are shipped; the lock file names them for every system. */
const isOtherNative = (name) => name.startsWith('@koromix/koffi-') && !koffiNative.includes(name);

/** npm packages whose code lies in dist/: what package.json needs to run, and koffi's native parts for Windows. */
function bundled() {
  return Object.entries(lock)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version, license }]) => ({ name: path.replace(/^.*node_modules\//, ''), version, license }))
    .filter(({ name }) => !isOtherNative(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What `npm sbom` says, asked once for each state of the two files that it reads: it takes seconds. */
function npmSbom() {
  const read = ['package.json', 'package-lock.json'].map((name) => readFileSync(join(root, name), 'utf8'));
  const file = join(cache, `sbom-${sha256(read.join('')).slice(0, 16)}.json`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    // Not with `--omit dev`: npm 11.19 then leaves out what the bridge and a tool both need (findings/npm-sbom-omit-dev.sh).
    writeFileSync(`${file}.${process.pid}.tmp`, npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']));
    renameSync(`${file}.${process.pid}.tmp`, file);
  }
  return readFileSync(file, 'utf8');
}

/**
 * npm's CycloneDX document of what is shipped, with the copies of Node beside the bridge. Without date, serial number and
 * npm's own version, so that the same content gives the same bytes; npm calls the product after the folder that it lies in.
 */
export function sbom(version, nodes) {
  const { serialNumber: _, metadata, components, dependencies, ...document } = JSON.parse(npmSbom());
  const { timestamp: __, tools: ___, component, ...told } = metadata;
  const own = { ...component, type: 'application', name: 'c2r-bridge', version };
  const names = new Set(bundled().map(({ name }) => name));
  const copies = nodes.map(componentOf);
  const shipped = [...components.filter(({ name }) => names.has(name)), ...copies];
  const references = new Set(shipped.map((each) => each['bom-ref']));
  const graph = dependencies
    .filter(({ ref }) => ref === own['bom-ref'] || references.has(ref))
    .map(({ ref, dependsOn }) => ({
      ref,
      dependsOn: [...dependsOn, ...(ref === own['bom-ref'] ? copies.map((copy) => copy['bom-ref']) : [])].filter((on) =>
        references.has(on),
      ),
    }));
  return { ...document, metadata: { ...told, component: own }, components: shipped, dependencies: graph };
}

function componentOf({ name, version, integrity, license }) {
  return {
    'bom-ref': `${name}@${version}`,
    type: 'application',
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    licenses: [{ license: { id: license } }],
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
  };
}

/** The licence of everything that is not ours, one after another; `nodes` are the copies of Node beside the bridge. */
export function notices(nodes = []) {
  const texts = bundled()
    .filter(({ name }) => !koffiNative.includes(name))
    .map(({ name, version, license }) => section(name, version, license, join(root, 'node_modules', name)));
  // npm's packages of Node for Windows bring no licence, those for Linux do: the same for every system.
  const ofNodes = nodes.map(({ name, version, license, folder }) => section(name, version, license, folder, 'node'));
  return [...texts, ...ofNodes].join('\n');
}

function section(name, version, license, folder, keptAs = name) {
  const own = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  // For packages that bring none: from where their sources are.
  const kept = join(root, '.scripts', 'licences', `${keptAs.replace('/', '+')}.txt`);
  const file = own ? join(folder, own) : kept;
  if (!existsSync(file)) throw new Error(`${name} has no licence file. Put its text into ${kept}.`);
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text.trim()}\n`;
}
