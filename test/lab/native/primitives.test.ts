import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

describeInLab('Windows primitives', (lab) => {
  const { driveC } = lab;
  const folder = join(driveC, 'Program Files', 'c2r-planted');
  const planted = 'C:\\Program Files\\c2r-planted\\planted.dll';
  let probe: Probe;

  beforeAll(async () => {
    probe = await openProbe(lab);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'planted.dll'), 'MZ');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const refusal = async (path: string) => (await probe('requireProtected', path)).error?.message;

  test('folders come from Windows', async () => {
    expect(await probe('folders')).toEqual({
      result: {
        system: expect.stringMatching(/^C:\\windows\\system32$/i),
        programFiles: 'C:\\Program Files',
        programFilesCommon: 'C:\\Program Files\\Common Files',
        programData: 'C:\\ProgramData',
      },
    });
  });

  test('a DLL loads from System32 and from Program Files', async () => {
    expect(await refusal('C:\\windows\\system32\\ole32.dll')).toBeUndefined();
    expect(await refusal(planted)).toBeUndefined();
  });

  test.each([
    '\\\\server\\share\\planted.dll',
    '\\\\?\\C:\\windows\\system32\\ole32.dll',
    'ole32.dll',
    'C:ole32.dll',
    'C:/windows/system32/ole32.dll',
    'C:\\windows\\system32\\..\\temp\\planted.dll',
  ])('refuses a DLL at %s, which is not a plain local path', async (path) => {
    expect(await probe('requireProtected', path)).toEqual({
      error: {
        type: 'NotAvailable',
        reason: 'its path is not a plain local one',
        path,
        recommendation: expect.any(String),
        message: `${path} is not loaded: its path is not a plain local one.`,
      },
    });
  });

  test.each(['C:\\windows\\temp\\planted.dll', 'C:\\Program Files planted\\planted.dll', 'Z:\\tmp\\planted.dll'])(
    'refuses a DLL at %s, outside the protected folders',
    async (path) => {
      expect(await refusal(path)).toContain('outside the folders where only administrators can write');
    },
  );

  test('refuses a DLL that everybody may replace, by its own permissions or those of its folder', async () => {
    chmodSync(join(folder, 'planted.dll'), 0o666);
    expect(await refusal(planted)).toContain(`${planted} can be changed by S-1-1-0`);
    chmodSync(join(folder, 'planted.dll'), 0o644);
    chmodSync(folder, 0o777);
    expect(await refusal(planted)).toContain('C:\\Program Files\\c2r-planted can be changed by S-1-1-0');
    chmodSync(folder, 0o755);
    expect(await refusal(planted)).toBeUndefined();
  });

  test('refuses a DLL behind a link', async () => {
    const link = join(driveC, 'Program Files', 'c2r-link');
    rmSync(link, { force: true });
    symlinkSync(folder, link);
    try {
      expect(await refusal('C:\\Program Files\\c2r-link\\planted.dll')).toContain('c2r-link is a link or mount point');
    } finally {
      rmSync(link);
    }
  });

  test('an HRESULT has a text, from Windows or from our own table where Windows has none', async () => {
    expect(await probe('text', 0x80070005)).toEqual({ result: expect.stringMatching(/access.*denied/i) });
    expect(await probe('text', 0x8000000e)).toEqual({ result: 'A method was called at an unexpected time.' });
    expect(await probe('text', 0x80040154)).toEqual({ result: expect.stringMatching(/class not registered/i) });
    expect(await probe('text', 0xa1234567)).toEqual({ result: null });
  });

  test('registry values are written, read by type, and deleted', async () => {
    const key = 'SOFTWARE\\c2r-bridge-lab\\Ünïcode';
    const longerThanTheFirstBuffer = 'x'.repeat(3000);
    await probe('registrySet', key, 'text', 'héllo');
    await probe('registrySet', key, 'long', longerThanTheFirstBuffer);
    await probe('registrySet', key, 'number', 4_294_967_295);
    const { result } = await probe('registryValues', key);
    expect(new Map(result as [string, unknown][])).toEqual(
      new Map<string, unknown>([
        ['text', 'héllo'],
        ['long', longerThanTheFirstBuffer],
        ['number', 4_294_967_295],
      ]),
    );
    for (const name of ['text', 'long', 'number'])
      expect(await probe('registryDelete', key, name)).toEqual({ result: true });
    expect(await probe('registryDelete', key, 'text')).toEqual({ result: false });
    expect(await probe('registryValues', key)).toEqual({ result: [] });
    expect(await probe('registryKeyExists', `${key}\\none`)).toEqual({ result: false });
  });

  test('an administrator is seen as elevated', async () => {
    expect(await probe('elevated')).toEqual({ result: true });
  });

  test('the state of a service is read; a service that does not exist has none', async () => {
    expect(await probe('service', 'RpcSs')).toEqual({ result: 'running' });
    expect(await probe('service', 'ClickToRunSvc')).toEqual({ result: null });
  });

  test('a process is watched until it ends, and one that has ended already is said to have', async () => {
    const victim = spawn(lab.node, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)']);
    const [pid] = await once(victim.stdout.setEncoding('utf8'), 'data');
    const watcher = probe.start('watch');
    const outcome = text(watcher.stdout as NodeJS.ReadableStream);
    watcher.stdin?.write(pid);
    await once(watcher.stderr as NodeJS.ReadableStream, 'data');
    expect(watcher.exitCode).toBeNull();
    victim.kill('SIGKILL');
    expect(JSON.parse(await outcome)).toEqual({ result: 'ended' });

    const late = probe.start('watch');
    late.stdin?.end(pid);
    expect(JSON.parse(await text(late.stdout as NodeJS.ReadableStream))).toEqual({ result: 'ended' });
  });

  test('a pipe is taken by one process at a time, and is free again when that gives it back or is killed', async () => {
    expect(await probe('pipe', 'c2r-lab-lock')).toEqual({ result: [true, false, true] });
    const holder = probe.start('holdPipe', 'c2r-lab-lock');
    const [said] = await once((holder.stdout as NodeJS.ReadableStream).setEncoding('utf8'), 'data');
    expect(said).toBe('taken');
    expect(await probe('pipe', 'c2r-lab-lock')).toEqual({ result: [false, false, false] });
    holder.kill('SIGKILL');
    await expect.poll(() => probe('pipe', 'c2r-lab-lock')).toEqual({ result: [true, false, true] });
  });
});
