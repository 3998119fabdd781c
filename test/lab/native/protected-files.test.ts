import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

const [SYSTEM, ADMINISTRATORS, USERS, EVERYONE] = ['S-1-5-18', 'S-1-5-32-544', 'S-1-5-32-545', 'S-1-1-0'];

describeInLab('what runs as SYSTEM', (lab) => {
  const programs = join(lab.driveC, 'Program Files', 'c2r-own');
  const data = join(lab.driveC, 'ProgramData', 'c2r-own');
  let probe: Probe;

  beforeAll(async () => {
    probe = await openProbe(lab);
    for (const folder of [programs, data]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(programs, 'bridge.cjs'), '');
  });
  afterAll(() => {
    for (const folder of [programs, data]) rmSync(folder, { recursive: true, force: true });
  });

  const refusal = async (name: string, path: string) => (await probe(name, path)).error?.message;

  /** Runs `body` while everybody may write to a folder of drive C. */
  async function withOpen(folder: string, body: () => Promise<void>): Promise<void> {
    const { mode } = statSync(folder);
    chmodSync(folder, 0o777);
    try {
      await body();
    } finally {
      chmodSync(folder, mode);
    }
  }

  test('access control lists that Windows itself builds are read entry by entry', async () => {
    expect(
      await probe(
        'grants',
        'D:(D;;FA;;;WD)(A;;FA;;;SY)(A;OICI;0x1301bf;;;BA)(A;OICIIO;GA;;;CO)(A;ID;0x1200a9;;;BU)(A;;GW;;;WD)',
      ),
    ).toEqual({
      result: [
        { sid: SYSTEM, rights: 0x1f01ff },
        { sid: ADMINISTRATORS, rights: 0x1301bf },
        { sid: USERS, rights: 0x1200a9 },
        { sid: EVERYONE, rights: expect.any(Number) },
      ],
    });
    expect(await probe('grants', 'D:')).toEqual({ result: [] });
  });

  test('is a program only where no folder above it can be changed or replaced by others', async () => {
    const path = 'C:\\Program Files\\c2r-own\\bridge.cjs';
    expect(await refusal('requireUnchangeable', path)).toBeUndefined();
    await withOpen(programs, async () => {
      expect(await refusal('requireUnchangeable', path)).toContain(
        `C:\\Program Files\\c2r-own can be changed by ${EVERYONE}`,
      );
    });
    await withOpen(lab.driveC, async () => {
      expect(await refusal('requireUnchangeable', path)).toContain(`C:\\ can be changed by ${EVERYONE}`);
      expect(await refusal('requireProtected', path)).toContain(`C:\\ can be changed by ${EVERYONE}`);
    });
    writeFileSync(join(lab.driveC, 'c2r-own.cjs'), '');
    expect(await refusal('requireUnchangeable', 'C:\\c2r-own.cjs')).toBeUndefined();
    rmSync(join(lab.driveC, 'c2r-own.cjs'));
    expect(await refusal('requireUnchangeable', '\\\\server\\share\\bridge.cjs')).toContain('not a plain local path');
  });

  test('reads a content table only from a folder of its own, which is no link and has none above it', async () => {
    const path = 'C:\\ProgramData\\c2r-own';
    expect(await refusal('requireOwn', path)).toBeUndefined();
    await withOpen(data, async () => {
      expect(await refusal('requireOwn', path)).toContain(`${path} can be changed by ${EVERYONE}`);
    });
    await withOpen(join(lab.driveC, 'ProgramData'), async () => {
      expect(await refusal('requireOwn', path)).toContain('C:\\ProgramData can be changed by');
    });
    const link = join(lab.driveC, 'ProgramData', 'c2r-link');
    symlinkSync(data, link);
    try {
      expect(await refusal('requireOwn', 'C:\\ProgramData\\c2r-link')).toContain('c2r-link is a link or mount point');
      mkdirSync(join(data, 'below'));
      expect(await refusal('requireOwn', 'C:\\ProgramData\\c2r-link\\below')).toContain(
        'c2r-link is a link or mount point',
      );
    } finally {
      rmSync(link);
    }
  });

  test('registers no content where somebody planted the folder of the table', async () => {
    const table = join(lab.driveC, 'ProgramData', 'c2r-bridge');
    rmSync(table, { recursive: true, force: true });
    const params = { contentId: 'planted', path: 'C:\\lab' };
    const refused = async () => {
      await using bridge = startBridge({ command: lab.bridgeCommand });
      return await bridge.request('bits/register', params).then(
        () => Promise.reject(new Error('it was registered')),
        ({ code, message }) => `${code} ${message}`,
      );
    };
    try {
      symlinkSync(data, table);
      expect(await refused()).toMatch(/^1009 .*c2r-bridge is a link or mount point/);
      rmSync(table);
      mkdirSync(table);
      chmodSync(table, 0o777);
      expect(await refused()).toMatch(new RegExp(`^1009 .*can be changed by ${EVERYONE}`));
      expect(readdirSync(data).filter((name) => name !== 'below')).toEqual([]);
      expect(readdirSync(table)).toEqual([]);
    } finally {
      rmSync(table, { recursive: true, force: true });
    }
  });
});
