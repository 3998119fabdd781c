import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applicationCodes, jsonRpcCodes } from '../../src/contract/errors.js';
import { scenario } from '../../src/simulated/scenario.js';
import { deadline } from '../support/deadline.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = page('README.md');
const administrators = page('powershell/README.md');
const architecture = page('src/README.md');
const pages = [
  'README.md',
  'powershell/README.md',
  'src/README.md',
  'test/README.md',
  '.github/SECURITY.md',
  '.github/CONTRIBUTING.md',
];

describe('README tells the same story as the code', () => {
  test('it is short enough for five minutes', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  test.each(pages)('the links of %s lead to files and headings that exist', (path) => {
    const anchors = (text: string) =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    const broken = [...page(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(([, target, anchor]) => {
      const file = join(root, dirname(path), target || basename(path));
      return !existsSync(file) || (anchor !== undefined && !anchors(readFileSync(file, 'utf8')).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test.each(readdirSync(join(root, 'powershell/C2RBridge/Public')).map((file) => file.replace('.ps1', '')))(
    'it shows what %s is for',
    (cmdlet) => {
      expect(readme).toContain(cmdlet);
    },
  );

  test('the pages name no cmdlet that does not exist', () => {
    const cmdlets = readdirSync(join(root, 'powershell/C2RBridge/Public')).map((file) => file.replace('.ps1', ''));
    const named = pages.flatMap((path) => page(path).match(/\b[A-Z][a-z]+-(C2R|Defender)[A-Za-z]*/g) ?? []);
    expect(named.filter((name) => !cmdlets.includes(name))).toEqual([]);
  });

  test('the error table has every code with its name', () => {
    for (const [type, code] of Object.entries(applicationCodes))
      expect(architecture).toContain(`| ${code} | ${type} |`);
    for (const type of Object.keys(jsonRpcCodes)) expect(architecture).toContain(type);
  });

  test('the page for administrators explains every key of a scenario', () => {
    const { office, defender } = scenario.def.shape;
    const keys = [office, defender].flatMap((area) => Object.keys(area.def.innerType.def.shape));
    expect(keys.length).toBeGreaterThan(20);
    expect(
      [...keys, ...Object.keys(scenario.def.shape)].filter((key) => !administrators.includes(`\`${key}\``)),
    ).toEqual([]);
  });

  test('the help of Connect-C2RBridge names every key of an Office scenario', () => {
    const [, help = ''] =
      /\.PARAMETER Simulation\n(.*?)\.PARAMETER/s.exec(page('powershell/C2RBridge/Public/Connect-C2RBridge.ps1')) ?? [];
    const keys = Object.keys(scenario.def.shape.office.def.innerType.def.shape);
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(help))).toEqual([]);
  });

  test('the table of promises names tests that exist', () => {
    const [, table = ''] = /## Which test holds which promise\n(.*?)\n## /s.exec(page('test/README.md')) ?? [];
    const named = table.match(/\b(?:unit|wire|lab|powershell|support)\/[\w./-]+/g) ?? [];
    expect(named.length).toBeGreaterThan(40);
    const endings = ['', '.test.ts', '.ts'];
    expect(named.filter((name) => !endings.some((ending) => existsSync(join(root, 'test', name + ending))))).toEqual(
      [],
    );
  });

  test('its client in another language works as it stands', ({ skip }) => {
    const [, program = ''] = /```python\n(.*?)```/s.exec(readme) ?? [];
    let output: string;
    try {
      output = execFileSync('python3', ['-c', program], { cwd: root, encoding: 'utf8', timeout: deadline(60_000) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      skip('there is no python3 on this machine');
      return;
    }
    expect(output).toContain('Downloading');
    expect(output).toContain("'changed': True");
  });
});
