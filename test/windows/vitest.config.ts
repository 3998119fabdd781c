import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The suite of `npm run test:windows`. Its tests change the machine (and undo it), so they run one after another. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'windows',
    include: ['test/windows/**/*.test.ts', 'test/powershell/cmdlets/every-cmdlet.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
