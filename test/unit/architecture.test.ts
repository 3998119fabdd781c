import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');

const features = ['c2r', 'defender', 'content', 'bits'] as const;

/** What each room may import: other rooms, and packages or Node's modules. The arrows of the design. */
const rooms: Readonly<Record<string, { rooms: readonly string[]; packages: RegExp }>> = {
  base: { rooms: [], packages: /^(zod\/mini|node:.*)$/ },
  contract: { rooms: ['base'], packages: /^zod\/(mini|locales)$/ },
  bridge: { rooms: ['base', 'contract', 'rpc'], packages: /^node:/ },
  rpc: { rooms: ['base', 'contract'], packages: /^(zod\/mini|vscode-jsonrpc(\/.*)?|node:.*)$/ },
  c2r: { rooms: ['base', 'contract'], packages: /^(@rgrove\/parse-xml|node:.*)$/ },
  defender: { rooms: ['base', 'contract'], packages: /^node:/ },
  content: { rooms: ['base', 'contract'], packages: /^(zod\/mini|libarchive-wasm(\/.*)?|@rgrove\/parse-xml|node:.*)$/ },
  bits: { rooms: ['base', 'contract', 'content'], packages: /^(zod\/mini|node:.*)$/ },
  dsc: { rooms: ['base', 'contract'], packages: /^(zod\/mini|node:.*)$/ },
  windows: { rooms: ['base', 'contract', ...features], packages: /^(koffi|node:.*)$/ },
  simulated: { rooms: ['base', 'contract', ...features], packages: /^(zod\/mini|node:.*)$/ },
};

/**
 * The wings of a room, each with those that it may import; none imports what stands above it. A file beside the wings may
 * import them all, and they import only `port.ts` of such files.
 */
const wings: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  content: { http: [], image: [], list: ['image', 'http'], stage: ['list', 'image', 'http'] },
  windows: {
    abi: [],
    native: ['abi'],
    system: ['native', 'abi'],
    security: ['system', 'native', 'abi'],
    office: ['security', 'system', 'native', 'abi'],
    defender: ['security', 'system', 'native', 'abi'],
    bits: ['security', 'system', 'native', 'abi'],
  },
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

/** Files that can be reached from themselves, types included. */
function circles(): string[] {
  const arrows = new Map<string, string[]>();
  for (const { file, target } of imports.filter(({ target }) => target.startsWith('.'))) {
    const to = join(dirname(file), target).split(sep).join('/').replace(/\.js$/, '.ts');
    arrows.set(file, [...(arrows.get(file) ?? []), to]);
  }
  const reaches = (from: string, wanted: string, seen: Set<string>): boolean =>
    (arrows.get(from) ?? []).some((to) => to === wanted || (!seen.has(to) && reaches(to, wanted, seen.add(to))));
  return files.filter((file) => reaches(file, file, new Set()));
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

  test.each(Object.entries(wings))('the wings of %s import one way', (room, allowed) => {
    const wingOf = (path: string) => path.split('/').slice(1, -1).join('/');
    const refused = imports
      .filter(({ file, target }) => file.startsWith(`${room}/`) && target.startsWith('.'))
      .map(({ file, target }) => ({ file, to: join(dirname(file), target).split(sep).join('/') }))
      .filter(({ file, to }) => to.startsWith(`${room}/`) && wingOf(file) !== '' && wingOf(file) !== wingOf(to))
      .filter(({ file, to }) => !allowed[wingOf(file)]?.includes(wingOf(to)) && to !== `${room}/port.js`);
    expect(refused).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(circles()).toEqual([]);
  });

  test('only rpc/service.ts makes an error of the wire', () => {
    const makers = files.filter((file) => /new RpcError\(/.test(readFileSync(join(source, file), 'utf8')));
    expect(makers).toEqual(['rpc/service.ts']);
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
    'findings',
    'dist',
    'node_modules',
  ]);
  expect(readdirSync(root).filter((name) => !name.startsWith('.') && !allowed.has(name))).toEqual([]);
});
