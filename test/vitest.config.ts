import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One project a lane. The lab and PowerShell lanes share a machine-wide state, so their files run one after another. */
const lane = (name: string, order: number, parallel: boolean) => ({
  extends: true as const,
  test: {
    name,
    globalSetup: parallel ? [] : ['test/lab/global-setup.ts'],
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: parallel,
    sequence: { groupOrder: order },
  },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Processes, COM servers and 2 cores: a test that a busy machine fails once gets a second try, and npm test names it.
    retry: 1,
    projects: [lane('unit', 0, true), lane('wire', 0, true), lane('powershell', 1, false), lane('lab', 2, false)],
  },
});
