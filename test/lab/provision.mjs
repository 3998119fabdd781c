// The lab: Windows binaries under Wine. Everything it makes lies in the cache folder and is made again only when its sources change.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cache, root } from '../../.scripts/packages.mjs';
import { labFolder, windowsNode, wineFolder } from './variant.mjs';

const sources = dirname(fileURLToPath(import.meta.url));
const folder = labFolder;
/** One for every Wine and every Node: what is built does not depend on them. */
const builds = join(cache, 'lab', 'build');
/** Which of the lab's Windows this is: each worker of vitest has one of its own. */
const number = process.env.VITEST_POOL_ID ?? '1';
const suffix = number === '1' ? '' : `-${number}`;
const prefix = join(folder, `prefix${suffix}`);
const driveC = join(prefix, 'drive_c');

const tools = ['wine', 'wineserver', 'x86_64-w64-mingw32-gcc', 'x86_64-w64-mingw32-widl', 'x86_64-w64-mingw32-windres'];
const debianPackages = ['wine64', 'wine', 'gcc-mingw-w64-x86-64', 'mingw-w64-tools'];

/** What every process of the lab runs with: an own prefix, no chatter, no offers to install Mono, UTF-8 arguments. */
const environment = {
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
  LC_ALL: 'C.UTF-8',
};

const gcc = ['x86_64-w64-mingw32-gcc', '-O2', '-s', '-Wall', '-Wextra', '-Werror'];

/** With the folder where stdole2.tlb lies. */
const widl = ['x86_64-w64-mingw32-widl', '-L', join(driveC, 'windows', 'system32')];
const typeLibrary = (work) => [
  [...widl, '-t', '-o', join(work, 'office.tlb'), 'office/office-c2r-com.idl'],
  ['x86_64-w64-mingw32-windres', '-I', work, 'office/office-c2r-com.rc', '-o', join(work, 'resources.o')],
];
const office = {
  sources: [
    'office-c2r-com.c',
    'office-c2r-com.h',
    'settings.c',
    'ledger.c',
    'update-service.c',
    'content-download.c',
    'office-c2r-com.def',
  ].map((name) => `office/${name}`),
  install: 'Program Files/Common Files/Microsoft Shared/ClickToRun',
};
const officeLibraries = ['-ladvapi32', '-lole32', '-loleaut32', '-luuid', '-lpsapi', '-lntdll'];
const officeDll = (output, ...more) => [
  ...[...gcc, '-shared', '-o', output, ...more],
  ...office.sources.filter((name) => !name.endsWith('.h')),
  ...officeLibraries,
];

/** Windows programs built from C: `sources` decide when to build again, `install` is the folder on C: that gets a copy. */
const programs = [
  {
    file: 'bits-client.exe',
    sources: ['bits/bits-client.c', 'bits/callbacks.c', 'bits/conformance.c', 'bits/bits-client.h'],
    build: (output) =>
      [['-o', output, 'bits/bits-client.c', 'bits/callbacks.c', 'bits/conformance.c', '-lole32', '-luuid']].map(
        (options) => [...gcc, '-municode', ...options],
      ),
    install: 'lab',
  },
  {
    file: 'relay.exe',
    sources: ['office/relay.c'],
    build: (output) => [[...gcc, '-municode', '-o', output, 'office/relay.c']],
  },
  {
    file: 'unelevated.exe',
    sources: ['unelevated.c'],
    build: (output) => [[...gcc, '-municode', '-o', output, 'unelevated.c', '-ladvapi32']],
    install: 'lab',
  },
  {
    file: 'MpSupport.dll',
    sources: ['defender/mpsupport.c'],
    build: (output) => [[...gcc, '-shared', '-o', output, 'defender/mpsupport.c']],
    install: 'Program Files/Windows Defender',
  },
  {
    file: 'MpClient.dll',
    sources: ['defender/mpclient.c', 'defender/mpclient.h', 'defender/mpsupport.c'],
    build: (output, work) => [
      [...gcc, '-shared', '-o', join(work, 'MpSupport.dll'), 'defender/mpsupport.c'],
      [...gcc, '-shared', '-o', output, 'defender/mpclient.c', join(work, 'MpSupport.dll')],
    ],
    install: 'Program Files/Windows Defender',
  },
  {
    file: 'mpclient-offsets.exe',
    sources: ['defender/offsets.c', 'defender/mpclient.h'],
    build: (output) => [[...gcc, '-o', output, 'defender/offsets.c']],
    install: 'lab',
  },
  {
    file: 'mpclient-rules.exe',
    sources: ['defender/rules.c', 'defender/mpclient.h'],
    build: (output) => [[...gcc, '-o', output, 'defender/rules.c']],
    install: 'lab',
  },
  {
    file: 'process-usage.exe',
    sources: ['process-usage.c'],
    build: (output) => [[...gcc, '-o', output, 'process-usage.c', '-lntdll', '-lpsapi']],
    install: 'lab',
  },
  {
    ...office,
    file: 'OfficeC2RCom.dll',
    sources: [...office.sources, 'office/office-c2r-com.idl', 'office/office-c2r-com.rc'],
    build: (output, work) => [...typeLibrary(work), officeDll(output, join(work, 'resources.o'))],
  },
  {
    ...office,
    file: 'OfficeC2RServer.exe',
    sources: [...office.sources, 'office/office-c2r-server.c', 'office/office-c2r-com.idl', 'office/office-c2r-com.rc'],
    build: (output, work) => [
      ...typeLibrary(work),
      [
        ...[...gcc, '-mwindows', '-o', output, join(work, 'resources.o'), 'office/office-c2r-server.c'],
        ...office.sources.filter((name) => name.endsWith('.c')),
        ...officeLibraries,
      ],
    ],
  },
  {
    file: 'OfficeC2RProxy.dll',
    sources: ['office/office-c2r-com.idl', 'office/office-c2r-com.def'],
    build: (output, work) =>
      proxyDll(output, work, 'office/office-c2r-com.idl', '{0x9C,0x1E,0x0F,0x4B,0x7B,0x0A,0x11,0xC2}'),
    install: office.install,
  },
  {
    file: 'BitsProxy.dll',
    sources: ['bits/bits-strings.idl', 'office/office-c2r-com.def'],
    build: (output, work) =>
      proxyDll(output, work, 'bits/bits-strings.idl', '{0x9C,0x1E,0x0F,0x4B,0x7B,0x0A,0x11,0xC3}'),
    install: 'lab',
  },
  {
    ...office,
    file: 'OfficeC2RCom-without-type-library.dll',
    build: (output) => [officeDll(output, '-DKNOWN_TABLE')],
  },
  {
    file: 'status-client.exe',
    sources: ['office/status-client.c'],
    build: (output) => [[...gcc, '-o', output, 'office/status-client.c', '-lole32', '-loleaut32', '-luuid']],
    install: 'lab',
  },
  {
    ...office,
    file: 'OfficeC2RCom-of-the-known-table.dll',
    sources: [...office.sources, 'office/office-c2r-com.idl', 'office/office-c2r-com.rc'],
    build: (output, work) => [...typeLibrary(work), officeDll(output, '-DKNOWN_TABLE', join(work, 'resources.o'))],
  },
  {
    file: 'task-scheduler.dll',
    sources: ['office/task-scheduler.c'],
    build: (output) => [
      [...gcc, '-shared', '-o', output, 'office/task-scheduler.c', '-lole32', '-loleaut32', '-luuid', '-ladvapi32'],
    ],
    install: 'lab',
  },
  {
    file: 'com-admin.dll',
    sources: ['office/com-admin.c'],
    build: (output) => [[...gcc, '-shared', '-o', output, 'office/com-admin.c', '-lole32', '-loleaut32', '-luuid']],
    install: 'lab',
  },
  {
    file: 'planted.dll',
    sources: ['native/planted.c'],
    build: (output) => [[...gcc, '-shared', '-o', output, 'native/planted.c']],
    install: 'lab',
  },
];

/** A DLL that carries the interfaces of an IDL file into other processes; `tail` ends the class ID under which COM finds it. */
const proxyDll = (output, work, idl, tail) => [
  [...widl, '-h', '-o', join(work, 'proxy.h'), idl],
  [...widl, '-u', '-o', join(work, 'iids.c'), idl],
  [...widl, '-Oicf', '-p', '-H', 'proxy.h', '-o', join(work, 'proxy.c'), idl],
  [...widl, '--dlldata-only', '-o', join(work, 'dlldata.c'), 'proxy_c'],
  [
    ...['x86_64-w64-mingw32-gcc', '-O2', '-s', '-shared', '-I', work, '-o', output],
    `-DPROXY_CLSID_IS={0x7E1C0B56,0x6A5D,0x4C0B,${tail}}`,
    ...['proxy.c', 'dlldata.c', 'iids.c'].map((name) => join(work, name)),
    ...['office/office-c2r-com.def', '-lrpcrt4', '-lole32', '-loleaut32', '-luuid'],
  ],
];

/** Makes the lab or says what keeps it from being made. A fault in what was made is thrown: it is a bug, no reason to skip. */
export async function provision() {
  const reason = missingTools();
  if (reason) return { ok: false, expected: false, reason };
  let nodeOfLab;
  try {
    nodeOfLab = windowsNode();
    useWine(wineFolder());
  } catch (error) {
    return {
      ok: false,
      expected: true,
      reason: `The Windows build of Node, or another Wine, could not be fetched: ${error.message}`,
    };
  }
  mkdirSync(folder, { recursive: true });
  bootPrefix();
  installNode(nodeOfLab.program, 'Program Files/nodejs/node.exe');
  const built = Object.fromEntries(programs.map((program) => [program.file, buildProgram(program)]));
  for (const { file, install: target } of programs) if (target) install(built[file], `${target}/${file}`);
  installBridge();
  const node = writeLauncher(built['relay.exe'], 'node', 'C:\\Program Files\\nodejs\\node.exe');
  const bridge = join(driveC, 'Program Files/c2r-bridge/c2r-bridge.cjs');
  const clone = 'C:\\Program Files\\c2r-clone';
  const lab = {
    prefix,
    driveC,
    environment,
    relay: built['relay.exe'],
    node,
    nodeVersion: nodeOfLab.version,
    bridge,
    bridgeCommand: [node, bridge],
    clone,
  };
  start();
  return { ok: true, lab };
}

/** Ends every process of the lab, in each of its Windows, whoever started it. */
export function stop() {
  if (!existsSync(folder)) return;
  useWine(wineFolder());
  for (const name of readdirSync(folder)) if (/^prefix(-\d+)?$/.test(name)) end(join(folder, name));
}

function end(WINEPREFIX) {
  const env = { ...process.env, ...environment, WINEPREFIX };
  try {
    run('wineserver', ['-k'], { env });
    run('wineserver', ['-w'], { env });
  } catch {
    // Nothing ran.
  }
}

/** Ends every process of this Windows and starts its server anew. */
export function restart() {
  end(prefix);
  start();
}

/**
 * The server and Windows' services start here with no streams of ours: they would inherit the pipes of the first process
 * that a test starts, and keep them open. The server ends by itself when nothing used it for five minutes.
 */
function start() {
  if (startServer()) run('wine', ['wineboot']);
}

/** Says whether the server had to be started. */
function startServer() {
  try {
    run('wineserver', ['-p300']);
    return true;
  } catch (error) {
    // 2: it runs already.
    if (error.status !== 2) throw error;
    return false;
  }
}

function run(program, args, options = {}) {
  execFileSync(program, args, {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
    timeout: 180_000,
    ...options,
  });
}

function read(program, args) {
  return execFileSync(program, args, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 30_000,
  });
}

/** Puts another Wine first on the PATH of the lab's processes, and of this one, which starts some by their names. */
function useWine(bin) {
  if (bin === null) return;
  const path = `${bin}:${process.env.PATH}`;
  if (!process.env.PATH?.startsWith(`${bin}:`)) process.env.PATH = path;
  environment.PATH = process.env.PATH;
}

function isOnPath(tool) {
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, tool)));
}

function missingTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `The lab runs Windows programs under Wine on x64 Linux; this is ${process.platform} ${process.arch}.`;
  const missing = () => tools.filter((tool) => !isOnPath(tool));
  if (missing().length === 0) return undefined;
  if (process.getuid() === 0 && isOnPath('apt-get')) {
    const apt = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 600_000 };
    try {
      run('apt-get', ['-qq', 'update'], apt);
      run('apt-get', ['-qq', '-y', 'install', '--no-install-recommends', ...debianPackages], apt);
    } catch {
      // What is still missing is said below.
    }
  }
  const left = missing();
  if (left.length === 0) return undefined;
  return `Missing on PATH: ${left.join(', ')}. On Debian: apt-get install --no-install-recommends ${debianPackages.join(' ')}`;
}

function bootPrefix() {
  const marker = join(prefix, '.c2r-lab');
  const wanted = `${read('wine', ['--version']).trim()} win10\n`;
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  end(prefix);
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(prefix);
  startServer();
  run('wine', ['wineboot', '-i']);
  run('wine', ['winecfg', '-v', 'win10']);
  // The services that ran so far are those of a Windows that is being set up: out-of-process COM does not work with them.
  end(prefix);
  writeFileSync(marker, wanted);
}

/** The built file, in a folder named after what it was built from. */
function buildProgram({ file, sources: names, build }) {
  const hash = createHash('sha256').update(build.toString()).update(gcc.join(' '));
  for (const name of names) hash.update(readFileSync(join(sources, name)));
  const home = join(builds, `${file}-${hash.digest('hex').slice(0, 16)}`);
  const output = join(home, file);
  if (existsSync(output)) return output;
  const work = `${home}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const [program, ...args] of build(join(work, file), work))
    execFileSync(program, args, {
      cwd: sources,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
  try {
    renameSync(work, home);
  } catch (error) {
    // Another worker was faster; its result is as good.
    if (!existsSync(output)) throw error;
    rmSync(work, { recursive: true });
  }
  return output;
}

/**
 * Puts a file on drive C: unless it is there already; by rename, since a process may still run the old one. A copy, because
 * tests change the permissions of what is installed.
 */
function install(file, target) {
  const path = join(driveC, target);
  if (existsSync(path) && readFileSync(path).equals(readFileSync(file))) return;
  replace(path, (temporary) => copyFileSync(file, temporary));
}

/** The same for a node.exe: a link, which needs not be read to know it again, since it has 80 MB. */
function installNode(file, target) {
  const path = join(driveC, target);
  const { ino, dev } = statSync(file);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.ino === ino && there.dev === dev) return;
  try {
    replace(path, (temporary) => linkSync(file, temporary));
  } catch {
    install(file, target);
  }
}

function replace(path, make) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  make(temporary);
  renameSync(temporary, path);
}

/** The bridge and the module under Program Files, where only administrators may write, as the bridge itself demands of what it loads. */
function installBridge() {
  installFolder(join(root, 'dist'), 'Program Files/c2r-bridge');
  for (const name of ['dist', 'powershell']) installFolder(join(root, name), `Program Files/c2r-clone/${name}`);
}

function installFolder(source, target) {
  const files = readdirSync(source, { recursive: true }).filter((name) => statSync(join(source, name)).isFile());
  mkdirSync(join(driveC, target), { recursive: true });
  const there = readdirSync(join(driveC, target), { recursive: true });
  const stale = there.filter((name) => !files.some((file) => file === name || file.startsWith(`${name}/`)));
  for (const name of stale) rmSync(join(driveC, target, name), { recursive: true, force: true });
  for (const name of files) install(join(source, name), `${target}/${name}`);
}

/** Another Node for Windows in the same prefix: a program as `lab.node`, and its version. */
export function otherNode(lab, major) {
  const { program, version } = windowsNode(major);
  installNode(program, `lab/node-${major}/node.exe`);
  return { node: writeLauncher(lab.relay, `node-${major}`, `C:\\lab\\node-${major}\\node.exe`), version };
}

/** A Unix program that is Node for Windows: takes the path of a script on drive C as a Unix path. */
function writeLauncher(relay, name, program) {
  const path = join(folder, `${name}${suffix}`);
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`);
  const text = [
    '#!/bin/sh',
    ...exports,
    `case "$1" in '${driveC}'/*) script="C:\${1#'${driveC}'}"; shift; set -- "$script" "$@" ;; esac`,
    `exec wine '${relay}' '${program}' "$@"`,
    '',
  ].join('\n');
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return path;
  writeFileSync(`${path}.tmp`, text, { mode: 0o755 });
  renameSync(`${path}.tmp`, path);
  return path;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const result = await provision();
    console.log(JSON.stringify(result));
    process.exitCode = result.ok ? 0 : 1;
  } finally {
    if (process.argv[2] !== '--keep') stop();
  }
}
