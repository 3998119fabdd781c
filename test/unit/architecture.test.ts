import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');

const features = ['c2r', 'defender', 'content', 'bits'] as const;

/** What each room may import: other rooms, and packages or Node's modules. The arrows of the design. */
const rooms: Readonly<Record<string, { rooms: readonly string[]; packages: RegExp }>> = {
  contract: { rooms: [], packages: /^zod\/(mini|locales)$/ },
  bridge: { rooms: ['contract', 'rpc'], packages: /^node:/ },
  rpc: { rooms: ['contract'], packages: /^(zod\/mini|vscode-jsonrpc(\/.*)?|node:.*)$/ },
  c2r: { rooms: ['contract'], packages: /^(@rgrove\/parse-xml|node:.*)$/ },
  defender: { rooms: ['contract'], packages: /^node:/ },
  content: { rooms: ['contract'], packages: /^(zod\/mini|libarchive-wasm(\/.*)?|node:.*)$/ },
  bits: { rooms: ['contract', 'content'], packages: /^(zod\/mini|node:.*)$/ },
  dsc: { rooms: ['contract'], packages: /^(zod\/mini|node:.*)$/ },
  windows: { rooms: ['contract', ...features], packages: /^(koffi|node:.*)$/ },
  simulated: { rooms: ['contract', ...features], packages: /^(zod\/mini|node:.*)$/ },
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

/** `import … from '…'`, `export {…} from '…'`, `import x = require('…')` and, as the second target, `import('…')`. */
const importPattern =
  /^(?:import|export)( type)? (?:[\w*{][^;']*?(?:\bfrom |= require\())?'([^']+)'|\bimport\('([^']+)'\)/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(importPattern)].map(([, type, fromTarget, dynamicTarget]) => ({
    file,
    target: fromTarget ?? dynamicTarget ?? '',
    typeOnly: type !== undefined,
  }));
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'));
const imports = files.flatMap(importsOf);

/** The room that a relative import leads to, or undefined where it leads to a package. */
function roomOf({ file, target }: Import): string | undefined {
  if (!target.startsWith('.')) return undefined;
  return relative(source, join(source, dirname(file), target)).split(sep)[0];
}

describe('the arrows between the rooms', () => {
  test('every file lies in a room of the design, but for main.ts, which alone knows them all', () => {
    expect(files.filter((file) => !rooms[file.split('/')[0] ?? ''])).toEqual(['main.ts']);
  });

  test('the scan sees every form of import, and none in comments', () => {
    const text = [
      "import koffi = require('koffi');",
      "import type { A } from './a.js';",
      "import { b } from 'b';",
      "import 'c';",
      "export { d } from 'd';",
      "  const e = await import('./e.js');",
      "/** Office's own list from 'nowhere' */ export interface F {}",
    ].join('\n');
    const targets = [...text.matchAll(importPattern)].map((match) => match[2] ?? match[3]);
    expect(targets).toEqual(['koffi', './a.js', 'b', 'c', 'd', './e.js']);
  });

  test.each(Object.entries(rooms))('%s imports only what it may', (room, allowed) => {
    const refused = imports
      .filter(({ file }) => file.startsWith(`${room}/`))
      .filter((each) => {
        const target = roomOf(each);
        return target === undefined
          ? !allowed.packages.test(each.target)
          : target !== room && !allowed.rooms.includes(target);
      });
    expect(refused).toEqual([]);
  });

  test('backends take types and plain rules from a feature, never its handlers', () => {
    const refused = imports
      .filter(({ file }) => /^(windows|simulated)\//.test(file))
      .filter(({ target, typeOnly }) => !typeOnly && /\/handlers\.js$/.test(target));
    expect(refused).toEqual([]);
  });
});

test('the top level holds what the design lists and nothing else', () => {
  const allowed = new Set([
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'README.md',
    'LICENSE',
    'src',
    'powershell',
    'test',
    'dist',
    'node_modules',
  ]);
  expect(readdirSync(root).filter((name) => !name.startsWith('.') && !allowed.has(name))).toEqual([]);
});
