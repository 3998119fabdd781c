import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** The SID of a service: SHA-1 over its name in capitals. https://learn.microsoft.com/windows-server/administration/windows-commands/sc-showsid */
function serviceSid(name: string): string {
  const hash = createHash('sha1').update(Buffer.from(name.toUpperCase(), 'utf16le')).digest();
  return `S-1-5-80-${[0, 4, 8, 12, 16].map((offset) => hash.readUInt32LE(offset)).join('-')}`;
}

// The module itself cannot be loaded off Windows.
test('the SIDs of services that may write where DLLs are loaded from are those of their names', () => {
  const source = readFileSync(new URL('../../../src/windows/security/trust.ts', import.meta.url), 'utf8');
  expect(source).toContain(`trustedInstaller = '${serviceSid('TrustedInstaller')}'`);
  expect(source).toContain(`winDefend = '${serviceSid('WinDefend')}'`);
});
