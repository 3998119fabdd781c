import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockedPackage, unpackedPackage } from '../../../.scripts/packages.mjs';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';
import { trustedRoot } from '../../support/trusted-root.js';

const data = (name: string) => readFileSync(fileURLToPath(new URL(`../../unit/content/data/${name}`, import.meta.url)));

describeInLab('signatures of cabinets', (lab) => {
  const folder = join(lab.driveC, 'c2r-signatures');
  const root = trustedRoot(data('signed-as-microsoft.root.der'));
  const reg = (...args: string[]) =>
    execFileSync('wine', ['reg', ...args, '/f'], { env: { ...process.env, ...lab.environment }, stdio: 'ignore' });
  let probe: Probe;

  beforeAll(async () => {
    probe = await openProbe(lab);
    mkdirSync(folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What is wrong with the signature of a file that is put on drive C: first. */
  async function fault(content: Buffer): Promise<unknown> {
    writeFileSync(join(folder, 'signed'), content);
    const { result, error } = await probe('signatureFault', 'C:\\c2r-signatures\\signed');
    return error ?? result;
  }

  test('a file that Microsoft signed has no fault, until a byte of it changes', async ({ skip }) => {
    let folderOfCompiler: string;
    try {
      // The TypeScript compiler for Windows, which package-lock.json pins for other platforms than this one.
      folderOfCompiler = unpackedPackage(lockedPackage('@typescript/typescript-win32-x64'));
    } catch (error) {
      skip(`a program that Microsoft signed could not be fetched: ${(error as Error).message}`);
      return;
    }
    const bytes = readFileSync(join(folderOfCompiler, 'lib', 'tsc.exe'));
    expect(await fault(bytes)).toBeNull();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    // TRUST_E_BAD_DIGEST
    expect(await fault(bytes)).toMatch(/^0x80096010/);
  });

  test('no signature is a fault, and so is a valid one of somebody else whom this machine trusts', async () => {
    expect(await fault(data('gcab-mszip.cab'))).toMatch(/^0x800B0100/);
    const node = readFileSync(join(lab.driveC, 'Program Files', 'nodejs', 'node.exe'));
    expect(await fault(node)).toBe('It is signed by OpenJS Foundation, whose certificate was not issued by Microsoft.');
    expect(await fault(data('self-signed.cab'))).toContain('whose certificate was not issued by Microsoft');
  });

  test('a signature in the name of Microsoft is a fault where the root of its chain is another one, though it is trusted here', async () => {
    reg('add', root.key, '/v', 'Blob', '/t', 'REG_BINARY', '/d', root.blob);
    try {
      expect(await fault(data('signed-as-microsoft.cab'))).toBe(
        'It is signed by Microsoft Corporation, whose certificate was not issued by Microsoft.',
      );
    } finally {
      reg('delete', root.key);
    }
  });
});
