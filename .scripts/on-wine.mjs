// npm run test:wine: lanes of the suite with Node for Windows, under Wine 10. CI runs them on Windows itself.
//   npm run test:wine [-- vitest's arguments]      default: the lanes unit and wire; powershell takes an hour
// C2R_LAB_NODE=24 or 26 takes another Node than 22.
// It needs what the lab needs. A copy of the repository gets the packages that npm installs on Windows.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installPackages } from './install.mjs';
import { cache, npm, root } from './packages.mjs';
import { asWindowsPath, ensureWindowsPowerShell, underWine } from './powershell.mjs';

// Read when the module is loaded.
process.env.C2R_LAB_WINE = '10';
const { windowsNode, wineFolder } = await import(new URL('../test/lab/variant.mjs', import.meta.url).href);

const { program: node } = windowsNode();
const copy = join(cache, 'on-wine', 'repository');
copyRepository();
// What was fetched for this system serves there.
mkdirSync(join(copy, '.cache'), { recursive: true });
if (!existsSync(join(copy, '.cache', 'packages')))
  symlinkSync(join(cache, 'packages'), join(copy, '.cache', 'packages'));
installPackages(copy, ['--os=win32', '--cpu=x64', '--ignore-scripts']);

const bin = join(cache, 'on-wine', 'bin');
mkdirSync(bin, { recursive: true });
// Wine 10 has a /usr of its own, where this system's npm is not.
if (!existsSync(join(bin, 'npm')))
  cpSync(join(npm(['root', '-g']).trim(), 'npm'), join(bin, 'npm'), { recursive: true });
writeFileSync(join(bin, 'npm.cmd'), `@node "${asWindowsPath(join(bin, 'npm', 'bin', 'npm-cli.js'))}" %*\r\n`);

const { path: powershell } = await ensureWindowsPowerShell();

const env = {
  ...process.env,
  ...underWine,
  // As GitHub's Windows has it: scripts run, and an administrator finds Node in Program Files alone.
  PSExecutionPolicyPreference: 'Bypass',
  ...(powershell ? { C2R_PWSH: asWindowsPath(powershell) } : {}),
  WINEPATH: [dirname(node), bin].map(asWindowsPath).join(';'),
  PATH: `${wineFolder()}:${process.env.PATH}`,
  WINEPREFIX: join(cache, 'on-wine', 'prefix'),
  WINEDEBUG: '-all',
  LC_ALL: 'C.UTF-8',
};
const programFiles = join(env.WINEPREFIX, 'drive_c', 'Program Files', 'nodejs');
mkdirSync(programFiles, { recursive: true });
cpSync(node, join(programFiles, 'node.exe'));
const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['--project=unit', '--project=wire'];
process.exitCode = await runVitest(args);

/** The files of the working tree, without those that Git ignores. What is gone there is gone in the copy. */
function copyRepository() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const files = listed.toString().split('\0').filter(Boolean);
  for (const folder of new Set(files.map((file) => file.split('/')[0] ?? ''))) {
    rmSync(join(copy, folder), { recursive: true, force: true });
  }
  for (const file of files) {
    if (!statSync(join(root, file), { throwIfNoEntry: false })) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
}

/** Shows its output at the end: Node under Wine takes no pipe for its own. PowerShell wants a console, which `script` gives. */
async function runVitest(args) {
  const output = join(cache, 'on-wine', 'output.log');
  // Node asks for the title of that console, and Wine's has none at first.
  const vitest = ['--title=vitest', 'node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const words = ['wine', node, ...vitest, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const command = `${words.join(' ')} >'${output}' 2>&1`;
  console.log(`Running vitest under Wine; its output goes to ${output} ...`);
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: copy,
    env,
    stdio: 'ignore',
  });
  try {
    const [code] = await once(child, 'exit');
    process.stdout.write(readFileSync(output));
    return code ?? 1;
  } finally {
    spawnSync('wineserver', ['-k'], { env });
  }
}
