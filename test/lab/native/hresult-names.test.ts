import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeInLab } from '../../support/lab.js';

const generator = fileURLToPath(new URL('../../../.scripts/hresult-names.mjs', import.meta.url));

// The lab has the compiler that knows the headers.
describeInLab('the names of HRESULTs', () => {
  test("are those of mingw-w64's headers", () => {
    const said = execFileSync(process.execPath, [generator, '--check'], { encoding: 'utf8' });
    expect(said).toMatch(/^\d+ names/);
  });
});
