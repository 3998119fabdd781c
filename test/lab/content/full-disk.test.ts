import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bridgeClsid } from '../../../src/bits/handlers.js';
import { comServers, runClient, shortenIdle } from '../../support/bits-client.js';
import { startBridge } from '../../support/bridge.js';
import { randomFile, writeImage } from '../../support/content-image.js';
import { deadline } from '../../support/deadline.js';
import { describeWithComServers } from '../../support/lab.js';

const mayMount = process.getuid?.() === 0;
const rights = mayMount ? '' : ' (skipped: only root may mount file systems and take rights from itself)';

/** The error of a job, as bits-client.exe prints it: HRESULT_FROM_WIN32 of ERROR_DISK_FULL, ERROR_ACCESS_DENIED, ERROR_WRITE_PROTECT. */
const diskFull = 'error 0x80070070 context 4';
const refused = /error 0x800700(05|13) context 4/;

describeWithComServers(`a full drive and a read-only one${rights}`, (lab) => {
  const folder = join(lab.driveC, 'full');
  const mounts: string[] = [];
  const small = randomFile('small.dat', 100_000);
  const large = randomFile('large.dat', 5_000_000);

  /** Puts a file system of that size at `path`; read-only where asked. */
  function mount(path: string, kilobytes: number, ...options: string[]): void {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${kilobytes}k,mode=755`, ...options].join(), 'tmpfs', path]);
    mounts.push(path);
  }
  const fetch = (name: string, local: string) => runClient(lab, 'fetch', bridgeClsid, `cmbits://img/${name}`, local);

  beforeAll(() => writeImage(join(folder, 'image'), [small, large]));
  beforeEach(async () => {
    await using bridge = startBridge({ command: lab.bridgeCommand });
    for (const { contentId } of (await bridge.request('bits/list')).contents)
      await bridge.request('bits/unregister', { contentId });
  });
  afterEach(async () => {
    await expect.poll(() => comServers(lab), { timeout: deadline(45_000) }).toEqual([]);
    for (const path of mounts.splice(0)) execFileSync('umount', [path]);
    rmSync(join(lab.prefix, 'dosdevices', 'f:'), { force: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.skipIf(!mayMount)(
    'as the target of the BITS manager: the job fails with ERROR_DISK_FULL and leaves nothing, and the next one has the room',
    async () => {
      const drive = join(folder, 'drive');
      mount(drive, 1024);
      symlinkSync(drive, join(lab.prefix, 'dosdevices', 'f:'));
      await using bridge = startBridge({ command: lab.bridgeCommand });
      await bridge.request('bits/register', { contentId: 'img', path: 'C:\\full\\image' });
      // One server for the three.
      shortenIdle(lab, 3000);
      const failed = await fetch('large.dat', 'F:\\large.dat');
      expect(failed.output).toContain(diskFull);
      await expect.poll(() => readdirSync(drive)).toEqual([]);
      expect((await fetch('small.dat', 'F:\\small.dat')).code).toBe(0);
      expect(readFileSync(join(drive, 'small.dat')).equals(small.bytes)).toBe(true);
      execFileSync('mount', ['-o', 'remount,ro', drive]);
      expect((await fetch('small.dat', 'F:\\again.dat')).output).toMatch(refused);
      expect(readdirSync(drive)).toEqual(['small.dat']);
      await bridge.request('bits/unregister', { contentId: 'img' });
      expect(await bridge.stop()).toBe(0);
    },
  );

  test.skipIf(!mayMount)(
    'a folder of the content table that cannot be written: a registration is refused, the table stays whole, and is used again',
    async () => {
      const home = join(lab.driveC, 'ProgramData', 'c2r-bridge');
      await using bridge = startBridge({ command: lab.bridgeCommand });
      const register = (contentId: string) => bridge.request('bits/register', { contentId, path: 'C:\\full\\image' });
      const listed = async () =>
        (await bridge.request('bits/list')).contents.map(({ contentId }: { contentId: string }) => contentId);
      await register('first');
      // Root may write wherever modes forbid it; not so here.
      execFileSync('chattr', ['+i', home]);
      try {
        await expect(register('second')).rejects.toMatchObject({
          data: { type: 'AccessDenied', recommendation: expect.any(String) },
        });
        expect(await listed()).toEqual(['first']);
      } finally {
        execFileSync('chattr', ['-i', home]);
      }
      await register('second');
      expect(await listed()).toEqual(['first', 'second']);
      for (const contentId of ['first', 'second']) await bridge.request('bits/unregister', { contentId });
      expect(existsSync(home)).toBe(false);
      expect(await bridge.stop()).toBe(0);
    },
  );
});
