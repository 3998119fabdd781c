import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { describeInLab } from '../../support/lab.js';

describeInLab('the relay to a Windows program', ({ node, driveC }) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(driveC, 'relay-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function windowsNode(script: string, ...args: string[]) {
    const file = join(folder, `${createHash('sha1').update(script).digest('hex')}.cjs`);
    writeFileSync(file, script);
    const child = spawn(node, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    return child;
  }

  test('passes arguments as they are, also quotes, backslashes and non-ASCII text', async () => {
    const args = ['a b', 'say "hi"', 'C:\\dir\\', '', 'ünïcödé 日本', '\\"', '%PATH%', '*'];
    const child = windowsNode('process.stdout.write(JSON.stringify(process.argv.slice(2)))', ...args);
    expect(JSON.parse(await text(child.stdout))).toEqual(args);
  });

  test('passes 16 MB through both ways unchanged, then the end of input and the exit code', async () => {
    const child = windowsNode(
      "process.stdin.on('end', () => { process.stderr.write('ended'); process.exitCode = 7; }).pipe(process.stdout)",
    );
    const bytes = randomBytes(16 << 20);
    const received = createHash('sha256');
    child.stdout.on('data', (chunk: Buffer) => received.update(chunk));
    child.stdin.end(bytes);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(received.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'ended' });
  });

  test('ends the Windows program when it is killed itself', async () => {
    const heartbeat = join(folder, 'heartbeat');
    const child = windowsNode(
      "const { writeSync, openSync } = require('fs'); const file = openSync(process.argv[2], 'w'); setInterval(() => writeSync(file, '.'), 20); process.stdout.write('ready')",
      `C:${heartbeat.slice(driveC.length)}`,
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    let size = -1;
    const beats = () => {
      const before = size;
      size = statSync(heartbeat).size;
      return size > before;
    };
    await expect.poll(beats, { timeout: deadline(10_000), interval: 300 }).toBe(false);
  });
});
