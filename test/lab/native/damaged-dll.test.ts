import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bridge } from '../../support/bridge.js';
import { describeInLab } from '../../support/lab.js';
import { controlMpClient, type MpClientControl } from '../../support/mpclient.js';
import { startLabBridge } from '../../support/office-bridge.js';

/** The headers of a DLL for 32-bit x86 with one empty section: whole, and nothing that a 64-bit process may load. */
function x86Dll(): Buffer {
  const file = Buffer.alloc(1024);
  file.write('MZ', 0);
  const pe = 0x40;
  file.writeUInt32LE(pe, 0x3c);
  file.write('PE\0\0', pe);
  // IMAGE_FILE_HEADER: i386, one section, the size of the optional header, and executable, 32-bit, DLL.
  file.writeUInt16LE(0x14c, pe + 4);
  file.writeUInt16LE(1, pe + 6);
  file.writeUInt16LE(224, pe + 20);
  file.writeUInt16LE(0x2102, pe + 22);
  // IMAGE_OPTIONAL_HEADER32: its magic, base, alignments, versions, sizes, subsystem and number of directories.
  const optional = pe + 24;
  file.writeUInt16LE(0x10b, optional);
  file.writeUInt32LE(0x10000000, optional + 28);
  file.writeUInt32LE(0x1000, optional + 32);
  file.writeUInt32LE(512, optional + 36);
  file.writeUInt16LE(6, optional + 40);
  file.writeUInt16LE(6, optional + 48);
  file.writeUInt32LE(0x2000, optional + 56);
  file.writeUInt32LE(512, optional + 60);
  file.writeUInt16LE(2, optional + 68);
  file.writeUInt32LE(16, optional + 92);
  // IMAGE_SECTION_HEADER: name, size and place in memory and in the file, and readable data.
  const section = optional + 224;
  file.write('.data', section);
  file.writeUInt32LE(512, section + 8);
  file.writeUInt32LE(0x1000, section + 12);
  file.writeUInt32LE(512, section + 16);
  file.writeUInt32LE(512, section + 20);
  file.writeUInt32LE(0x40000040, section + 36);
  return file;
}

const damages: readonly (readonly [string, Buffer])[] = [
  ['of 0 bytes', Buffer.alloc(0)],
  ['for another architecture', x86Dll()],
];

describeInLab('a damaged DLL', (lab) => {
  let mend: () => void;
  let control: MpClientControl;

  /** Replaces a file until `mend`; by rename, since Windows lets nobody write into a DLL that is loaded. */
  function damage(file: string, content: Buffer): void {
    const kept = join(mkdtempSync(join(lab.driveC, 'lab', 'kept-')), 'kept');
    renameSync(file, kept);
    writeFileSync(file, content, { mode: 0o755 });
    mend = () => {
      renameSync(kept, file);
      rmSync(dirname(kept), { recursive: true });
      mend = () => undefined;
    };
  }
  async function failure(reply: Promise<unknown>) {
    return reply.then(
      (result) => {
        throw new Error(`gave ${JSON.stringify(result)} instead of an error`);
      },
      ({ code, message, data }) => ({ code, message, data }),
    );
  }
  async function finding(bridge: Bridge, id: string) {
    const { checks } = await bridge.request('bridge/doctor');
    return checks.find((check: { id: string }) => check.id === id);
  }
  const naming = (file: string) => expect.stringContaining(file);

  beforeEach(() => {
    mend = () => undefined;
    control = controlMpClient(lab);
  });
  afterEach(() => {
    mend();
    control.dispose();
  });

  test.each(damages)('MpClient.dll %s: defender/* and the doctor name it until it is mended', async (_, content) => {
    const file = 'C:\\Program Files\\Windows Defender\\MpClient.dll';
    damage(join(lab.driveC, 'Program Files/Windows Defender/MpClient.dll'), content);
    await using bridge = startLabBridge(lab);
    for (const method of ['defender/status', 'defender/update']) {
      expect(await failure(bridge.request(method))).toMatchObject({
        code: 1002,
        message: naming(`${file} is not loaded: `),
        data: { type: 'NotAvailable', reason: 'unusable', recommendation: expect.stringContaining('Repair') },
      });
    }
    expect(await finding(bridge, 'defender.client')).toMatchObject({ ok: false, detail: naming(file) });
    mend();
    expect(await bridge.request('defender/update')).toMatchObject({ changed: true });
    expect(await finding(bridge, 'defender.client')).toMatchObject({ ok: true });
    expect(await bridge.stop()).toBe(0);
  });

  test.each(damages)("Office's COM server %s: c2r/* and the doctor name it until it is mended", async (_, content) => {
    const file = 'C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RCom.dll';
    damage(join(lab.driveC, 'Program Files/Common Files/Microsoft Shared/ClickToRun/OfficeC2RCom.dll'), content);
    await using bridge = startLabBridge(lab, { downloadMs: 100, applyMs: 100 });
    for (const method of ['c2r/status', 'c2r/download', 'c2r/update', 'c2r/blockingApps']) {
      expect(await failure(bridge.request(method))).toMatchObject({
        code: 1002,
        message: naming(file),
        data: { type: 'NotAvailable', reason: 'serverUnusable', path: file, recommendation: expect.any(String) },
      });
    }
    expect(await finding(bridge, 'office.comServer')).toMatchObject({ ok: false, detail: naming(file) });
    mend();
    expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({ changed: true });
    expect(await finding(bridge, 'office.comServer')).toMatchObject({ ok: true });
    expect(await bridge.stop()).toBe(0);
  });

  /** koffi's native part for a machine type of the PE format, as it lies beside the bridge. */
  function koffiOf(machine: number): string {
    const files = readdirSync(dirname(lab.bridge))
      .filter((name) => name.endsWith('.node'))
      .map((name) => join(dirname(lab.bridge), name));
    const found = files.find((file) => {
      const bytes = readFileSync(file);
      return bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4) === machine;
    });
    if (!found) throw new Error(`no part of koffi for machine 0x${machine.toString(16)}`);
    return found;
  }
  const [amd64, arm64] = [0x8664, 0xaa64];

  test.each([...damages, ['for arm64', null] as const])(
    'koffi %s: every call into Windows and the doctor name it until it is mended, and no other koffi is looked for',
    async (_, content) => {
      const file = koffiOf(amd64);
      const name = `C:\\Program Files\\c2r-bridge\\${basename(file)}`;
      // Where koffi's own search would go on: three folders up, which is a place that everybody may write.
      const planted = join(lab.driveC, '@koromix', 'koffi-win32-x64');
      mkdirSync(planted, { recursive: true });
      const mark = join(planted, 'loaded');
      writeFileSync(join(planted, 'index.js'), `require('fs').writeFileSync(__dirname + '\\\\loaded', '')`);
      damage(file, content ?? readFileSync(koffiOf(arm64)));
      try {
        await using bridge = startLabBridge(lab, { downloadMs: 100, applyMs: 100 });
        expect(await bridge.request('initialize', { protocolVersion: 1 })).toMatchObject({
          process: { elevated: false },
        });
        for (const method of ['c2r/status', 'c2r/status', 'c2r/update', 'defender/status', 'bits/list', 'bits/list']) {
          expect(await failure(bridge.request(method))).toMatchObject({
            code: 1002,
            message: naming(name),
            data: {
              type: 'NotAvailable',
              reason: 'damagedInstallation',
              recommendation: naming('Install c2r-bridge again'),
            },
          });
        }
        expect(await finding(bridge, 'bridge.koffi')).toMatchObject({ ok: false, detail: naming(name) });
        expect(existsSync(mark)).toBe(false);
        mend();
        expect(await bridge.request('c2r/update', { pollMs: 100 })).toMatchObject({ changed: true });
        expect(await bridge.request('bits/list')).toMatchObject({ backend: 'windows' });
        expect(await finding(bridge, 'bridge.koffi')).toMatchObject({ ok: true });
        expect(await bridge.stop()).toBe(0);
      } finally {
        rmSync(dirname(planted), { recursive: true });
      }
    },
  );
});
