import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { deadline } from './support/deadline.js';

/** One project a lane. The files of the lab share a Windows, so they run one after another; nothing else shares anything. */
const lane = (name: string, { lab = false, retry = 0 } = {}) => ({
  extends: true as const,
  test: {
    name,
    retry,
    globalSetup: lab ? ['test/lab/global-setup.ts'] : [],
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: !lab,
    sequence: { groupOrder: lab ? 1 : 0 },
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
    projects: [lane('unit'), lane('wire'), lane('powershell', { retry: 1 }), lane('lab', { lab: true, retry: 1 })],
  },
});
