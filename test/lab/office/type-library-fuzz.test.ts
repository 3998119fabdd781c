import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { describeInLab } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';
import { openProbe, type Probe } from '../../support/run-probe.js';

const { seed, numRuns } = fuzzParameters(20, 0.1);
const officeFolder = 'Program Files/Common Files/Microsoft Shared/ClickToRun';
/** How long one process may take over all the libraries that are left. */
const deadlineMs = deadline(60_000);

/** A DLL and where in it the type library lies, in the format that Wine calls MSFT. */
interface Carrier {
  readonly dll: Buffer;
  readonly at: number;
  readonly length: number;
}

function carrierOf(dll: Buffer): Carrier {
  const at = dll.indexOf('MSFT', 0, 'latin1');
  // What widl writes ends with the last of its fifteen segments; each has an offset and a length in the directory.
  const directory = at + 0x54 + 4 * dll.readInt32LE(at + 0x20);
  const ends = Array.from({ length: 15 }, (_, index) => {
    const [offset, size] = [dll.readInt32LE(directory + 16 * index), dll.readInt32LE(directory + 16 * index + 4)];
    return offset < 0 ? 0 : offset + size;
  });
  return { dll, at, length: Math.max(...ends) };
}

/** The same DLL with other bytes in its type library. */
function changed({ dll, at, length }: Carrier, changes: readonly { at: number; to: number }[]): Buffer {
  const copy = Buffer.from(dll);
  for (const change of changes) copy[at + (change.at % length)] = change.to;
  return copy;
}

/** Every type of the library is its own base. */
function endless(carrier: Carrier): Buffer {
  const copy = Buffer.from(carrier.dll);
  const count = copy.readInt32LE(carrier.at + 0x20);
  const table = carrier.at + copy.readInt32LE(carrier.at + 0x54 + 4 * count);
  for (let index = 0; index < count; index++) copy.writeInt32LE(100 * index, table + 100 * index + 0x54);
  return copy;
}

interface Outcome {
  readonly path: string;
  readonly error?: string;
  readonly found?: readonly { readonly iid: string; readonly slots: readonly [string, number][] }[];
}

describeInLab("the type library in Office's DLL", (lab) => {
  const folder = join(lab.driveC, 'Program Files', 'c2r-type-libraries');
  const pathOf = (name: string) => `C:\\Program Files\\c2r-type-libraries\\${name}`;
  const readFixture = (name: string) => carrierOf(readFileSync(join(lab.driveC, officeFolder, name)));
  let probe: Probe;
  beforeAll(async () => {
    probe = await openProbe(lab);
    mkdirSync(folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What each DLL's library says, in processes of their own: one that ends Windows' loader ends with `undefined`. */
  async function readAll(dlls: readonly Buffer[]): Promise<readonly (Outcome | undefined)[]> {
    for (const [index, dll] of dlls.entries()) writeFileSync(join(folder, `${index}.dll`), dll);
    const paths = dlls.map((_, index) => pathOf(`${index}.dll`));
    const report = join(folder, 'report');
    const outcomes: (Outcome | undefined)[] = [];
    while (outcomes.length < paths.length) {
      rmSync(report, { force: true });
      const child = probe.start('interfaces', pathOf('report'), paths.slice(outcomes.length));
      child.stdout?.resume();
      child.stderr?.resume();
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      const [code, signal] = await once(child, 'close');
      clearTimeout(timer);
      const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
      outcomes.push(...lines.map((line) => JSON.parse(line)));
      expect(signal, `${paths[outcomes.length]} hangs`).toBeNull();
      if (outcomes.length < paths.length) {
        expect(code, `${paths[outcomes.length]} was not read`).not.toBe(0);
        outcomes.push(undefined);
      }
    }
    return outcomes;
  }

  test(
    'with any bytes changed is read as a whole vtable or refused as Windows refuses one: no wrong slot, no fault of ours, no end',
    async () => {
      const carrier = readFixture('OfficeC2RCom.dll');
      const change = fc.record({
        at: fc.nat(carrier.length - 1),
        to: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
      });
      const changes = fc.sample(fc.array(change, { minLength: 1, maxLength: 4 }), { seed, numRuns });
      const damaged = changes.map((each) => changed(carrier, each));
      const [whole, selfBased, ...outcomes] = await readAll([carrier.dll, endless(carrier), ...damaged]);
      expect(whole?.found).toHaveLength(2);
      expect(selfBased).toEqual({ path: pathOf('1.dll'), error: 'HResultError' });
      for (const [index, outcome] of outcomes.entries()) {
        const context = `seed ${seed}, ${JSON.stringify(changes[index])}: ${JSON.stringify(outcome)}`;
        // The loader of Wine itself ended: what it is given, only administrators can write.
        if (outcome === undefined) continue;
        if (outcome.error !== undefined) expect(outcome.error, context).toBe('HResultError');
        for (const { iid, slots } of outcome.found ?? []) {
          expect(iid, context).not.toBe('{00000000-0000-0000-0000-000000000000}');
          const numbers = slots.map(([, slot]) => slot);
          expect(new Set(numbers).size, context).toBe(numbers.length);
          for (const [name, slot] of slots) {
            expect(name, context).not.toBe('');
            // IUnknown's three, the four of IUpdateNotify and the two of IUpdateNotify2.
            expect([0, 1, 2, 3, 4, 5, 6, 7, 8], context).toContain(slot);
          }
        }
      }
      const ended = outcomes.filter((outcome) => outcome === undefined).length;
      // Otherwise nothing was found out about the bridge.
      expect(ended, 'libraries that ended the loader').toBeLessThan(outcomes.length / 2);
    },
    120_000 + numRuns * 3000,
  );

  test('damaged, leaves the known table to serve, and the doctor says so', async () => {
    writeFileSync(join(folder, 'damaged.dll'), endless(readFixture('OfficeC2RCom-of-the-known-table.dll')));
    await using bridge = startLabBridge(lab, {}, { server: pathOf('damaged.dll') });
    expect(await bridge.request('c2r/status')).toMatchObject({ status: 'UPDATE_UNKNOWN', backend: 'windows' });
    const { checks } = await bridge.request('bridge/doctor');
    expect(checks.find(({ id }: { id: string }) => id === 'office.typeLibrary')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/was not read \(The type library is damaged: .*\); calls go by the known table/),
      recommendation: expect.stringContaining('damaged'),
    });
  });
});
