import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { deadline } from './support/deadline.js';
import { LongestFirst } from './support/longest-first.js';

/** One project a lane. Each worker of the lab's lanes has a Windows of its own; they come after the other lanes. */
const lane = (name: string, { folder = name, inLab = false, retry = 0, without = [] as string[] } = {}) => ({
  extends: true as const,
  test: {
    name,
    retry,
    // On Windows the simulation answers only where it is asked for.
    env: inLab ? {} : { C2R_BACKEND: 'simulated' },
    globalSetup: inLab ? ['test/lab/global-setup.ts'] : [],
    include: [`test/${folder}/**/*.test.ts`],
    exclude: without.map((each) => `test/${each}/**`),
    sequence: { groupOrder: inLab ? 1 : 0 },
  },
});

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    testTimeout: deadline(180_000),
    hookTimeout: deadline(180_000),
    expect: { poll: { timeout: deadline(10_000) } },
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // The files of a worker run one after another and share its modules: loading those anew took half of the time of some lanes.
    isolate: false,
    // Wine and PowerShell have moods: what they fail once gets a second try, and npm test names it.
    projects: [
      ...[lane('unit'), lane('wire'), lane('powershell', { retry: 1 })],
      lane('lab', { inLab: true, retry: 1, without: ['lab/windows-powershell'] }),
      lane('windows-powershell', { folder: 'lab/windows-powershell', inLab: true, retry: 1 }),
    ],
  },
});
