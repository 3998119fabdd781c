// What is in a package besides our own code, as people read it and as CycloneDX tells it to machines.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const koffiNative = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];

/** npm packages whose code lies in dist/: those that package.json depends on, and koffi's native parts for Windows. */
function bundled() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return [...Object.keys(dependencies), ...koffiNative].sort().map((name) => {
    const { version, integrity, license } = lock[`node_modules/${name}`];
    return { name, version, integrity, license: license ?? lock['node_modules/koffi'].license };
  });
}

/** A CycloneDX 1.6 document without a date or a serial number, so that the same content gives the same bytes. */
export function sbom(version, nodes) {
  const components = [...bundled(), ...nodes].map(({ name, version: componentVersion, integrity, license }) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${componentVersion}`;
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version: componentVersion,
      purl,
      licenses: [{ license: { id: license } }],
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    };
  });
  const own = { type: 'application', 'bom-ref': 'c2r-bridge', name: 'c2r-bridge', version };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...own, licenses: [{ license: { id: 'MIT' } }] } },
    components,
    dependencies: [{ ref: 'c2r-bridge', dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

/** The licence of everything that is not ours, one after another; `nodes` are the copies of Node beside the bridge. */
export function notices(nodes = []) {
  const texts = bundled()
    .filter(({ name }) => !koffiNative.includes(name))
    .map(({ name, version, license }) => section(name, version, license, join(root, 'node_modules', name)));
  return [...texts, ...nodes.map(({ name, version, license, folder }) => section(name, version, license, folder))].join(
    '\n',
  );
}

function section(name, version, license, folder) {
  const own = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
  // For packages that bring none: from where their sources are.
  const kept = join(root, '.scripts', 'licences', `${name.replace('/', '+')}.txt`);
  const file = own ? join(folder, own) : kept;
  if (!existsSync(file)) throw new Error(`${name} has no licence file. Put its text into ${kept}.`);
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text.trim()}\n`;
}
