import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../.scripts/test.mjs', import.meta.url));

test.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'a run that is ended with %s ends what it has started, and says so',
  async (signal) => {
    // A run of its own, not a part of this one.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^C2R_TEST_/.test(name)));
    // Takes some seconds, so that vitest is at work when the signal comes.
    const child = spawn(process.execPath, [program, '--project', 'unit', 'test/unit/readme', '--retry=0'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const output = text(child.stdout);
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => String(chunk).includes('RUN') && resolve());
    });
    child.kill(signal);
    // Ends when the last process that has it ends.
    expect(await output).toContain('BROKEN vitest');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(1);
  },
);
