// Builds dist/: the bridge, what it loads on first use beside it, and the OpenRPC document.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { hashEntry, ownHashLine, writeBridge } from './bridge-hashes.mjs';
import { lockedPackage, root, unpackedPackage } from './packages.mjs';
import { notices } from './sbom.mjs';

const windowsKoffi = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];

/** koffi requires one package a platform. Windows' two go into the bundle on every build machine, all others never. */
const koffiPlatforms = {
  name: 'koffi-platforms',
  setup({ onResolve, onLoad, resolve }) {
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
    // koffi's own search passes over a file that cannot be loaded, looks for others outside of the bridge's folder, down to
    // the root of the drive, and ends without a word about what was wrong.
    onLoad({ filter: /[\\/]koffi[\\/]src[\\/]koffi[\\/]src[\\/]static\.cjs$/ }, () => ({
      contents: `
        const parts = { ${windowsKoffi.map((name) => `'${name.slice('@koromix/koffi-'.length)}': () => require('${name}')`).join(', ')} };
        exports.loadStatic = (platform) => {
          if (!(platform in parts)) throw new Error('There is no part of koffi for ' + platform + '.');
          return parts[platform]();
        };`,
    }));
  },
};

/** The archive library's script lies beside its wasm: few requests need them. */
const archiveLibraryBeside = {
  name: 'archive-library-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^libarchive-wasm$/ }, () => ({ path: './libarchive.cjs', external: true }));
  },
};

/** Of vscode-jsonrpc only what a connection over our own reader and writer needs; its index loads three times as much. */
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
export async function bundleInto(outdir, entryPoints) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  await build({
    ...options,
    entryPoints,
    outdir,
    loader: { '.node': 'copy' },
    assetNames: '[name]-[hash]',
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
 * needs is in a file that is read on first use. esbuild splits ES modules only; its chunks become functions here, each
 * called when it is first required, and again where it failed: what it lacked may be there by then.
 *
 * Everything that is loaded on first use is checked against the hash that this build had for it, and c2r-bridge.cjs against
 * the hash in its own last line: a bit that fell over in a script may mean anything. A script is run from the very bytes that
 * were checked, whatever lies there a moment later. What cannot be loaded is a
 * `DamagedInstallationError`, which rpc/service.ts and main.ts know by name.
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
    assetNames: '[name]-[hash]',
    plugins: [koffiPlatforms, archiveLibraryBeside, jsonRpcConnectionOnly],
    metafile: true,
    write: false,
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const started = new Set();
  const start = (name) => {
    if (started.has(name)) return;
    started.add(name);
    for (const { path, kind, external } of outputs.get(name).imports) {
      if (kind === 'import-statement' && !external) start(basename(path));
    }
  };
  for (const [name, { entryPoint }] of outputs) {
    if (name === 'c2r-bridge.cjs' || startEntries.includes(entryPoint)) start(name);
  }

  const files = { 'c2r-bridge.cjs': [], 'features.cjs': [] };
  for (const { path, text, contents } of outputFiles) {
    const name = basename(path);
    if (!name.endsWith('.cjs')) writeFileSync(join(outdir, name), contents);
    else {
      const { code } = await transform(text, {
        format: 'cjs',
        platform: 'node',
        target: options.target,
        minify: true,
        // `import()` of what is a function here; and Node's loader for ES modules would have to start for it.
        supported: { 'dynamic-import': false },
      });
      // The brackets tell V8 that the function is called at once.
      const isStart = started.has(name);
      const wrapped = isStart
        ? `(function(require,module,exports){${code}})`
        : `function(require,module,exports){${code}}`;
      files[isStart ? 'c2r-bridge.cjs' : 'features.cjs'].push(`"./${name}":${wrapped}`);
    }
  }
  const features = `${versionLine}module.exports={\n${files['features.cjs'].join(',\n')}\n};\n`;
  writeFileSync(join(outdir, 'features.cjs'), features);
  const beside = readdirSync(outdir).map((name) => hashEntry(outdir, name));
  const bridge = `const chunks={__proto__:null,\n${files['c2r-bridge.cjs'].join(',\n')}\n},hashes={__proto__:null,\n${beside.join(',\n')}\n},loaded=new Map();
function damaged(file,reason){
return Object.assign(new Error(require("path").join(__dirname,file)+" "+reason),{name:"DamagedInstallationError"});
}
function read(file){
try{return require("fs").readFileSync(require("path").join(__dirname,file))}
catch(error){throw damaged(file,error.code==="ENOENT"?"is missing":"cannot be read: "+error.message)}
}
function sha256(bytes){return require("crypto").createHash("sha256").update(bytes).digest("hex")}
function check(file){
const bytes=read(file);
if(sha256(bytes)===hashes[file])return bytes;
const[,version]=/^\\/\\/ c2r-bridge (\\S+)\\n/.exec(bytes.toString("latin1",0,99))||[];
throw damaged(file,version&&version!=="${version}"?"belongs to version "+version+", and c2r-bridge.cjs is version ${version}":"is damaged, or of another build than c2r-bridge.cjs");
}
function checkBridge(){
const bytes=read("./c2r-bridge.cjs"),end=bytes.lastIndexOf("${ownHashLine}");
if(sha256(bytes.subarray(0,end))!==bytes.toString("latin1",end+${ownHashLine.length}).trim())throw damaged("./c2r-bridge.cjs","is damaged");
}
function run(file,bytes){
const filename=require("path").join(__dirname,file),module={exports:{}};
require("vm").compileFunction(bytes.toString(),["require","module","exports","__dirname","__filename"],{filename})(require,module,module.exports,__dirname,filename);
return module.exports;
}
function beside(file){
if(file==="./features.cjs")checkBridge();
if(file==="./libarchive.cjs")check("./libarchive.wasm");
if(!hashes[file])return require(file);
const bytes=check(file);
return file.endsWith(".cjs")?run(file,bytes):require(file);
}
function load(name){
let module=loaded.get(name);
if(!module){
if(!name.startsWith("./c"))return beside(name);
if(!chunks[name])Object.assign(chunks,beside("./features.cjs"));
loaded.set(name,module={exports:{}});
try{chunks[name](load,module,module.exports)}
catch(cause){loaded.delete(name);throw cause}
}
return module.exports;
}
load("./c2r-bridge.cjs");
`;
  writeBridge(outdir, bridge);
}

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

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildDist();
