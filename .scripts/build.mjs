// Builds dist/: the bridge in one file, koffi's native parts for Windows and the archive library's wasm beside it, and the
// OpenRPC document.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { lockedPackage, root, unpackedPackage } from './packages.mjs';

const windowsKoffi = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];

/** koffi requires one package a platform. Windows' two go into the bundle on every build machine, all others never. */
const koffiPlatforms = {
  name: 'koffi-platforms',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@koromix\/koffi-/ }, ({ path, kind, pluginData }) => {
      if (pluginData === 'resolved') return undefined;
      const name = windowsKoffi.find((known) => path === known || path.startsWith(`${known}/`));
      if (!name) return { path, external: true };
      const folder = unpackedPackage(lockedPackage(name));
      return resolve(`.${path.slice(name.length)}`, {
        resolveDir: folder,
        kind,
        pluginData: 'resolved',
      });
    });
  },
};

/** Bundles programs that may use koffi; `entryPoints` maps the name of each output to its source. */
export async function bundleInto(outdir, entryPoints) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'eof',
    loader: { '.node': 'copy' },
    assetNames: '[name]-[hash]',
    plugins: [koffiPlatforms],
    logLevel: 'warning',
  });
}

export async function buildInto(outdir) {
  await bundleInto(outdir, { 'c2r-bridge': 'src/main.ts' });
  // The archive library looks for it beside the file that it runs in.
  const wasm = readFileSync(join(root, 'node_modules/libarchive-wasm/dist/libarchive.wasm'));
  writeFileSync(join(outdir, 'libarchive.wasm'), wasm);
  const bridge = join(outdir, 'c2r-bridge.cjs');
  const openRpc = execFileSync(process.execPath, [bridge, 'call', 'rpc.discover'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  writeFileSync(join(outdir, 'openrpc.json'), `${JSON.stringify(JSON.parse(openRpc), null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildInto(join(root, 'dist'));
