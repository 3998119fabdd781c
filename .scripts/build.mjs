// Builds dist/: the bridge in one file, libraries that are loaded on first use beside it, and the OpenRPC document.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/** Libraries that not every start needs lie beside the bridge, each as one script with only what the bridge imports. */
const besideTheBridge = {
  'libarchive-wasm': {
    file: 'libarchive.cjs',
    contents: "export { ArchiveReader, libarchiveWasm } from 'libarchive-wasm';",
    resolveDir: root,
  },
  // A connection over our own reader and writer needs a third of it; its index loads it all.
  'vscode-jsonrpc': {
    file: 'vscode-jsonrpc.cjs',
    contents: `
      export { createMessageConnection } from './connection.js';
      export { Event } from './events.js';
      export { ResponseError } from './messages.js';
      export { default as RAL } from './ral.js';`,
    resolveDir: join(root, 'node_modules/vscode-jsonrpc/lib/common'),
  },
};

const librariesBeside = {
  name: 'libraries-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^(libarchive-wasm|vscode-jsonrpc)$/ }, ({ path }) => ({
      path: `./${besideTheBridge[path].file}`,
      external: true,
    }));
  },
};

const options = {
  absWorkingDir: root,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'eof',
  logLevel: 'warning',
};

/** Bundles programs that may use koffi; `entryPoints` maps the name of each output to its source. */
export async function bundleInto(outdir, entryPoints, plugins = []) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    ...options,
    entryPoints,
    outdir,
    loader: { '.node': 'copy' },
    assetNames: '[name]-[hash]',
    plugins: [koffiPlatforms, ...plugins],
  });
}

export async function buildInto(outdir) {
  await bundleInto(outdir, { 'c2r-bridge': 'src/main.ts' }, [librariesBeside]);
  for (const { file, contents, resolveDir } of Object.values(besideTheBridge)) {
    await build({ ...options, stdin: { contents, resolveDir }, outfile: join(outdir, file) });
  }
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

/** Replaces dist/ only when the whole build has succeeded. */
export async function buildDist() {
  const dist = join(root, 'dist');
  const fresh = `${dist}.${process.pid}.tmp`;
  try {
    await buildInto(fresh);
    writeDscManifests(join(fresh, 'c2r-bridge.cjs'), join(root, 'powershell', 'dsc'));
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The file of each manifest by which DSC v3 finds a resource of the bridge. */
const dscResources = { office: 'C2RBridge/Office', 'defender-signature': 'C2RBridge/DefenderSignature' };

/** Writes the manifests from the contract that the bridge was built from. */
function writeDscManifests(bridge, folder) {
  for (const [name, resource] of Object.entries(dscResources)) {
    const manifest = execFileSync(process.execPath, [bridge, 'dsc', 'manifest', resource], {
      encoding: 'utf8',
      env: { ...process.env, DSC_TRACE_LEVEL: 'error' },
    });
    writeFileSync(join(folder, `${name}.dsc.resource.json`), `${JSON.stringify(JSON.parse(manifest), null, 2)}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildDist();
