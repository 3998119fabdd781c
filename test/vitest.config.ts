import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { deadline } from './support/deadline.js';

/** One project a lane. The files of the lab share a Windows, so they run one after another, in the order of the lanes. */
const lane = (name: string, { folder = name, order = 0, retry = 0, without = [] as string[] } = {}) => ({
  extends: true as const,
  test: {
    name,
    retry,
    globalSetup: order > 0 ? ['test/lab/global-setup.ts'] : [],
    include: [`test/${folder}/**/*.test.ts`],
    exclude: without.map((each) => `test/${each}/**`),
    fileParallelism: order === 0,
    sequence: { groupOrder: order },
  },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: deadline(180_000),
    hookTimeout: deadline(180_000),
    expect: { poll: { timeout: deadline(10_000) } },
    maxWorkers: 2,
    // Wine and PowerShell have moods: what they fail once gets a second try, and npm test names it.
    projects: [
      ...[lane('unit'), lane('wire'), lane('powershell', { retry: 1 })],
      lane('lab', { order: 1, retry: 1, without: ['lab/windows-powershell'] }),
      lane('windows-powershell', { folder: 'lab/windows-powershell', order: 2, retry: 1 }),
    ],
  },
});
