import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (name: string) => readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n');

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, Locked> };
const installed = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, locked]) => ({ name: path.replace(/^.*node_modules\//, ''), ...locked }));

/** Of koffi's native parts two are shipped; those for other systems are only named in the lock file. */
const shippedNatives = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];
const isOtherNative = (name: string) => name.startsWith('@koromix/koffi-') && !shippedNatives.includes(name);
const shipped = installed.filter(({ name, dev }) => !dev && !isOtherNative(name));
const development = installed.filter(({ dev }) => dev);

/** What may be bundled into a product under MIT, with a notice; and what may help to make it without being part of it. */
const bundled = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];
const tools = [...bundled, 'MIT OR Apache-2.0', 'MPL-2.0'];

const architecture = text('src/README.md');

describe('licences', () => {
  test('of everything that is shipped and of every tool are known and allowed', () => {
    const others = (list: typeof installed, allowed: readonly string[]) =>
      list
        .filter(({ license = 'none' }) => !allowed.includes(license))
        .map(({ name, license }) => `${name}: ${license}`);
    expect(others(shipped, bundled)).toEqual([]);
    expect(others(development, tools)).toEqual([]);
  });

  test('src/README lists what is shipped, with versions and licences, and nothing else', () => {
    const [, section = ''] = /\n## Third-party licences\n(.*)$/s.exec(architecture) ?? [];
    const rows = [...section.matchAll(/^\| (?!package |---)(\S+) \| (\S+) \| (\S+) \|/gm)].map((row) =>
      row.slice(1, 4),
    );
    expect(rows.sort()).toEqual(shipped.map(({ name, version, license }) => [name, version, license]).sort());
  });

  test('src/README counts what is not shipped by licence', () => {
    const counts = new Map<string, number>();
    for (const { license = 'none' } of development) counts.set(license, (counts.get(license) ?? 0) + 1);
    const told = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    expect(architecture.replace(/\s+/g, ' ')).toContain(
      `${development.length} packages: ${told.map(([license, count]) => `${count} ${license}`).join(', ')}`,
    );
  });

  test('the notices that go with dist hold the licence of each shipped package, with its copyright', () => {
    const notices = text('dist/THIRD-PARTY-NOTICES.txt');
    const sections = new Map(
      notices
        .split(/^={80}\n(?=\S+ \S+ \(.*\)\n={80}$)/m)
        .slice(1)
        .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
    );
    const expected = shipped.filter(({ name }) => !shippedNatives.includes(name));
    expect([...sections.keys()].sort()).toEqual(
      expected.map(({ name, version, license }) => `${name} ${version} (${license})`).sort(),
    );
    for (const [title, section] of sections) {
      expect(section, title).toMatch(/Copyright/i);
      expect(section, title).toMatch(/Permission (is hereby granted|to use, copy)|Redistribution and use/);
      expect(section, title).toMatch(/AS IS/);
    }
  });

  test('they name what the archive library is made of, as it says itself', () => {
    const notices = text('dist/THIRD-PARTY-NOTICES.txt');
    const wasm = readFileSync(join(root, 'dist', 'libarchive.wasm'), 'latin1');
    const [, version = 'none'] = /libarchive (\d+\.\d+\.\d+)/.exec(wasm) ?? [];
    expect(notices).toContain(`libarchive ${version}\n`);
    for (const part of ['bzip2 1.0.8', 'zlib 1.3.1', 'xz 5.6.4']) {
      expect(notices).toContain(part);
      expect(wasm).toContain(part.split(' ')[1]);
    }
  });
});
