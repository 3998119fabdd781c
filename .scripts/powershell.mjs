// Finds a PowerShell, or gets the official one: the .NET tool of a version that is known to work, and for the tests the same
// assemblies in a program of our own, compiled ahead of time.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cache, root } from './packages.mjs';

const windows = process.platform === 'win32';
const executable = windows ? 'pwsh.exe' : 'pwsh';
const folder = join(cache, 'powershell');
const hostSources = join(root, 'test', 'support', 'powershell-host');

/** Also in the project of the host. 7.7 has one package for each platform, which the SDKs in use do not all understand. */
export const powershellVersion = '7.6.9';

/** The path of a pwsh: C2R_PWSH, else PATH, else Windows PowerShell where `desktop` allows it; undefined where there is none. */
export function findPowerShell({ desktop = false } = {}) {
  if (process.env.C2R_PWSH) return process.env.C2R_PWSH;
  const names = desktop && windows ? [executable, 'powershell.exe'] : [executable];
  return names.map(onPath).find(Boolean);
}

/** `{ path }` of a PowerShell for people, or `{ reason }` where neither this machine nor its .NET SDK gives one. */
export async function ensurePowerShell() {
  const found = findPowerShell({ desktop: true });
  return found ? { path: found } : await orReason(async () => join(await installTool(), executable));
}

/**
 * `{ path }` of a PowerShell for tests, or `{ reason, expected }`, where `expected` says that this machine could have had one.
 * The .NET tool is not enough: its pwsh starts PowerShell as a second process, which takes seconds, and signals do not reach.
 */
export async function ensureTestPowerShell() {
  const found = findPowerShell();
  if (found && !isToolShim(found)) return { path: found };
  const built = await orReason(async () =>
    join(await buildHost(`${windows ? 'win' : 'linux'}-${process.arch}`), executable),
  );
  return built.path || !found ? built : { path: found };
}

/** `{ path }` of a PowerShell for Windows that the lab can run, or `{ reason, expected }`. */
export async function ensureWindowsPowerShell() {
  return await orReason(async () => join(await buildHost('win-x64'), 'pwsh.exe'));
}

/** The folder where a PowerShell for a platform such as `win-x64` lies once it is built: named after what it is built from. */
export function hostFolder(platform) {
  const hash = createHash('sha256').update(powershellVersion);
  for (const name of readdirSync(hostSources).sort()) hash.update(readFileSync(join(hostSources, name)));
  return join(folder, `${platform}-${hash.digest('hex').slice(0, 16)}`);
}

async function buildHost(platform) {
  const home = hostFolder(platform);
  if (existsSync(home)) return home;
  const tool = await installTool();
  console.log(`Building PowerShell ${powershellVersion} for ${platform}, once; this takes some minutes ...`);
  const work = `${home}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  // A copy, because the compiler leaves bin and obj beside the sources.
  cpSync(hostSources, join(work, 'source'), { recursive: true });
  const made = join(work, 'made');
  await dotnet(['publish', join(work, 'source', 'pwsh.csproj'), '-c', 'Release', '-r', platform, '-o', made]);
  // The SDK's packages have the modules' assemblies but not the modules.
  const flavour = platform.startsWith('win') ? 'win' : 'unix';
  const store = join(tool, '.store', 'powershell', powershellVersion, 'powershell', powershellVersion, 'tools');
  const [framework = ''] = readdirSync(store);
  cpSync(join(store, framework, 'any', flavour, 'Modules'), join(made, 'Modules'), { recursive: true });
  renameInto(made, home);
  rmSync(work, { recursive: true, force: true });
  return home;
}

/** The folder of the .NET tool, installed where it is missing. */
async function installTool() {
  const tool = join(folder, `tool-${powershellVersion}`);
  if (existsSync(tool)) return tool;
  console.log(`Getting PowerShell ${powershellVersion}: dotnet tool install PowerShell ...`);
  const work = `${tool}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await dotnet(['tool', 'install', 'PowerShell', '--version', powershellVersion, '--tool-path', work]);
  renameInto(work, tool);
  return tool;
}

/** Another run may have been faster; its result is as good. */
function renameInto(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true, force: true });
  }
}

async function dotnet(args) {
  const child = spawn('dotnet', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 900_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  if (code === 0) return;
  const errors = output.split('\n').filter((line) => /error|not found/i.test(line));
  throw new Error(`"dotnet ${args[0]}" failed: ${(errors[0] ?? output).trim()}`);
}

async function orReason(get) {
  const none = 'no pwsh on PATH or in C2R_PWSH';
  const hasSdk = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' }).stdout?.trim();
  if (!hasSdk) return { reason: `${none}, and no .NET SDK that could get one`, expected: false };
  try {
    return { path: await get() };
  } catch (error) {
    return { reason: `${none}, and ${/** @type {Error} */ (error).message}`, expected: true };
  }
}

function isToolShim(path) {
  return existsSync(join(dirname(realpathSync(path)), '.store', 'powershell'));
}

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((each) => join(each, name)).find((path) => existsSync(path));
}

/** What PowerShell for Windows needs under Wine. IL-only assemblies do not load where mscoree is disabled, as the lab has it. */
export const underWine = {
  WINEDLLOVERRIDES: 'mshtml=',
  DOTNET_EnableWriteXorExecute: '0',
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  POWERSHELL_UPDATECHECK: 'Off',
  NO_COLOR: '1',
  // As the environment of every Windows has it; PowerShell puts its own folders in front.
  PSModulePath: 'C:\\Program Files\\WindowsPowerShell\\Modules',
};

/** A path of this system as Wine shows it to Windows programs. */
export const asWindowsPath = (path) => `Z:${path.replaceAll('/', '\\')}`;
