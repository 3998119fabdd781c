// Builds dist/: the bridge, what it loads on first use beside it, and the OpenRPC document.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { hashEntry, ownHashLine, writeBridge } from './bridge-hashes.mjs';
import { lockedPackage, root, unpackedPackage } from './packages.mjs';
import { notices } from './sbom.mjs';

/** The parts of koffi that are shipped: Windows' two, for either processor. */
const windowsKoffi = { '@koromix/koffi-win32-x64': 'x64', '@koromix/koffi-win32-arm64': 'arm64' };

/**
 * koffi requires one package a platform. Windows' two go into the bundle on every build machine, all others never.
 * @type {import('esbuild').Plugin}
 */
const koffiPlatforms = {
  name: 'koffi-platforms',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@koromix\/koffi-/ }, ({ path }) => {
      const processor = windowsKoffi[path];
      return processor
        ? { path: `koffi-${processor}.node`, namespace: 'koffi', pluginData: path }
        : { path, external: true };
    });
    onLoad({ filter: /.*/, namespace: 'koffi' }, ({ pluginData: name }) => ({
      contents: readFileSync(join(unpackedPackage(lockedPackage(name)), `win32_${windowsKoffi[name]}`, 'koffi.node')),
      loader: 'copy',
    }));
    // koffi's own search passes over a file that cannot be loaded, looks for others outside of the bridge's folder, down to
    // the root of the drive, and ends without a word about what was wrong.
    onLoad({ filter: /[\\/]koffi[\\/]src[\\/]koffi[\\/]src[\\/]static\.cjs$/ }, () => ({
      contents: `
        const parts = { ${Object.entries(windowsKoffi)
          .map(([name, processor]) => `'win32-${processor}': () => require('${name}')`)
          .join(', ')} };
        exports.loadStatic = (platform) => {
          if (!(platform in parts)) throw new Error('There is no part of koffi for ' + platform + '.');
          return parts[platform]();
        };`,
    }));
  },
};

/**
 * The archive library's script lies beside its wasm: few requests need them.
 * @type {import('esbuild').Plugin}
 */
const archiveLibraryBeside = {
  name: 'archive-library-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^libarchive-wasm$/ }, () => ({ path: './libarchive.cjs', external: true }));
  },
};

/**
 * Of vscode-jsonrpc only what a connection over our own reader and writer needs; its index loads three times as much.
 * @type {import('esbuild').Plugin}
 */
const jsonRpcConnectionOnly = {
  name: 'json-rpc-connection-only',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode-jsonrpc$/ }, () => ({ path: 'vscode-jsonrpc', namespace: 'connection' }));
    onLoad({ filter: /.*/, namespace: 'connection' }, () => ({
      resolveDir: join(root, 'node_modules/vscode-jsonrpc/lib/common'),
      contents: `
        export { createMessageConnection } from './connection.js';
        export { Event } from './events.js';
        export { ResponseError } from './messages.js';
        export { default as RAL } from './ral.js';`,
    }));
  },
};

/** @satisfies {import('esbuild').BuildOptions} */
const options = /** @type {const} */ ({
  absWorkingDir: root,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  legalComments: 'eof',
  logLevel: 'warning',
});

/**
 * Bundles programs that may use koffi; `entryPoints` maps the name of each output to its source.
 * @param {string} outdir
 * @param {Readonly<Record<string, string>>} entryPoints
 */
export async function bundleInto(outdir, entryPoints) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    ...options,
    entryPoints,
    outdir,
    loader: { '.node': 'copy' },
    assetNames: '[name]',
    plugins: [koffiPlatforms],
  });
}

/** What every session needs from its first request on, besides what main.ts imports. */
const startEntries = ['src/rpc/session.ts', 'src/contract/bridge.ts', 'src/bridge/handlers.ts'];

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** The first line of features.cjs, by which a bridge tells the file of another version from a damaged one. */
const versionLine = `// c2r-bridge ${version}\n`;

/**
 * Bundles the bridge into two files: V8 reads every byte of a script before it runs the first, so what not every start
 * needs is in a file that is read on first use, and of that file only the chunks that are required are compiled. esbuild
 * splits ES modules only; its chunks become CommonJS here, each run when it is first required, and again where it failed:
 * what it lacked may be there by then.
 *
 * loader.cjs runs them, and checks what is beside it.
 * @param {string} outdir
 */
async function bundleBridge(outdir) {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { 'c2r-bridge': 'src/main.ts' },
    outdir,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    loader: { '.node': 'copy' },
    assetNames: '[name]',
    plugins: [koffiPlatforms, archiveLibraryBeside, jsonRpcConnectionOnly],
    metafile: true,
    write: false,
  });
  const started = chunksOfStart(metafile.outputs);
  const functions = [];
  const features = [];
  for (const { path, text, contents } of outputFiles) {
    const name = basename(path);
    if (!name.endsWith('.cjs')) writeFileSync(join(outdir, name), contents);
    // Brackets tell V8 that it is called at once.
    else if (started.has(name))
      functions.push(`"./${name}":(function(require,module,exports){${await minified(text)}})`);
    else features.push({ name: `./${name}`, text: await minified(text) });
  }
  writeFileSync(join(outdir, 'features.cjs'), container(features));
  const hashes = readdirSync(outdir).map((name) => hashEntry(outdir, name));
  const loader = await minified(readFileSync(join(root, '.scripts', 'loader.cjs'), 'utf8'));
  writeBridge(
    outdir,
    `(module=>{${loader}return module.exports})({})({chunks:{__proto__:null,
${functions.join(',\n')}
},hashes:{__proto__:null,
${hashes.join(',\n')}
},version:"${version}",ownHashLine:"${ownHashLine}",folder:__dirname,load:require});
`,
  );
}

/**
 * The names of the chunks that every start needs.
 * @param {import('esbuild').Metafile['outputs']} outputs
 */
function chunksOfStart(outputs) {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const started = new Set();
  const start = (name) => {
    if (started.has(name)) return;
    started.add(name);
    for (const { path, kind, external } of byName.get(name)?.imports ?? []) {
      if (kind === 'import-statement' && !external) start(basename(path));
    }
  };
  for (const [name, { entryPoint = '' }] of byName) {
    if (name === 'c2r-bridge.cjs' || startEntries.includes(entryPoint)) start(name);
  }
  return started;
}

/**
 * Chunks one after another, behind a line that says where each of them is, from the end of that line on.
 * @param {readonly { name: string, text: string }[]} chunks ASCII, as esbuild writes it
 */
function container(chunks) {
  const places = /** @type {Record<string, [number, number]>} */ ({});
  let all = '';
  for (const { name, text } of chunks) {
    places[name] = [all.length, all.length + text.length];
    all += text;
  }
  return `${versionLine}// ${JSON.stringify(places)}\n${all}`;
}

async function minified(text) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: options.target,
    minify: true,
    // `import()` of what is a function here; and Node's loader for ES modules would have to start for it.
    supported: { 'dynamic-import': false },
  });
  return code;
}

/**
 * Builds everything that dist/ holds into an empty folder.
 * @param {string} outdir
 */
export async function buildInto(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    ...options,
    stdin: { contents: "export { ArchiveReader, libarchiveWasm } from 'libarchive-wasm';", resolveDir: root },
    outfile: join(outdir, 'libarchive.cjs'),
  });
  // The archive library looks for it beside the file that it runs in.
  const wasm = readFileSync(join(root, 'node_modules/libarchive-wasm/dist/libarchive.wasm'));
  writeFileSync(join(outdir, 'libarchive.wasm'), wasm);
  // Last, because it holds the hashes of everything else.
  await bundleBridge(outdir);
  // The licences of what is bundled ask that their text goes wherever the bundle goes.
  writeFileSync(join(outdir, 'THIRD-PARTY-NOTICES.txt'), notices());
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildDist();
