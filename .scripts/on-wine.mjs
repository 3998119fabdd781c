// npm run test:wine: lanes of the suite with Node for Windows, under Wine 10. CI runs them on Windows itself.
//   npm run test:wine [-- vitest's arguments]      default: the lanes unit and wire
// C2R_LAB_NODE=24 or 26 takes another Node than 22.
// It needs what the lab needs. A copy of the repository gets the packages that npm installs on Windows.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { installPackages } from './install.mjs';
import { cache, npm, root } from './packages.mjs';

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

/** A path as Wine shows it to Windows programs. */
const seen = (path) => `Z:${path.replaceAll('/', '\\')}`;
const bin = join(cache, 'on-wine', 'bin');
mkdirSync(bin, { recursive: true });
// Wine 10 has a /usr of its own, where this system's npm is not.
if (!existsSync(join(bin, 'npm')))
  cpSync(join(npm(['root', '-g']).trim(), 'npm'), join(bin, 'npm'), { recursive: true });
writeFileSync(join(bin, 'npm.cmd'), `@node "${seen(join(bin, 'npm', 'bin', 'npm-cli.js'))}" %*\r\n`);

const env = {
  ...process.env,
  WINEPATH: [dirname(node), bin].map(seen).join(';'),
  PATH: `${wineFolder()}:${process.env.PATH}`,
  WINEPREFIX: join(cache, 'on-wine', 'prefix'),
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '1',
};
mkdirSync(env.WINEPREFIX, { recursive: true });
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

/** Shows its output at the end: Node under Wine takes no pipe for its own. */
async function runVitest(args) {
  const output = join(cache, 'on-wine', 'output.log');
  const file = openSync(output, 'w');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', ...args];
  console.log(`Running vitest under Wine; its output goes to ${output} ...`);
  const child = spawn('wine', [node, ...vitest], {
    cwd: copy,
    env,
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  try {
    const [code] = await once(child, 'exit');
    process.stdout.write(readFileSync(output));
    return code ?? 1;
  } finally {
    spawnSync('wineserver', ['-k'], { env });
  }
}
