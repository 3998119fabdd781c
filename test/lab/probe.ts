// Runs one of the Windows primitives inside the Windows build of Node: probe.cjs NAME JSON-ARGUMENTS.

import koffi = require('koffi');

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../../src/base/failure.js';
import { HResultError } from '../../src/base/hresult-error.js';
import { silentLog } from '../../src/base/log.js';
import { systemClock } from '../../src/bridge/system-clock.js';
import { c2rHandlers } from '../../src/c2r/handlers.js';
import type { Office } from '../../src/c2r/port.js';
import { branchValue, policyKey } from '../../src/c2r/registry-keys.js';
import { c2r } from '../../src/contract/c2r.js';
import { advapi32 as advapi32Table } from '../../src/windows/abi/advapi32.js';
import { loadSystemDll, systemDirectory } from '../../src/windows/native/dll.js';
import { checkWin32, windowsText } from '../../src/windows/native/failed-calls.js';
import { bytesAt, pointerAt, pointerSlot } from '../../src/windows/native/native.js';
import { readInterfaces } from '../../src/windows/native/type-library.js';
import { comPlusFacts } from '../../src/windows/office/com-plus.js';
import { openOffice } from '../../src/windows/office/open-office.js';
import { updateNotify } from '../../src/windows/office/update-notify.js';
import { updateTask } from '../../src/windows/office/update-task.js';
import { grantsOf } from '../../src/windows/security/acl.js';
import { cabinetSignatures } from '../../src/windows/security/cabinet-signatures.js';
import { isElevated, withSecurityDescriptor } from '../../src/windows/security/security.js';
import { requireOwn, requireProtected, requireUnchangeable } from '../../src/windows/security/trust.js';
import { knownFolder } from '../../src/windows/system/known-folder.js';
import { takePipe } from '../../src/windows/system/pipe-lock.js';
import { watchProcess } from '../../src/windows/system/process.js';
import { deleteTree, registry } from '../../src/windows/system/registry.js';
import { serviceState } from '../../src/windows/system/service.js';
import { garbageCollector, leastGrowth } from '../support/least-growth.js';
import { ManualClock } from '../support/manual-clock.js';

const probes = {
  folders: () => ({
    system: systemDirectory,
    programFiles: knownFolder('programFiles'),
    programFilesCommon: knownFolder('programFilesCommon'),
    programData: knownFolder('programData'),
  }),
  text: (code: number) => windowsText(code) ?? null,
  elevated: () => isElevated(),
  signatureFault: (file: string) => cabinetSignatures.fault(file),
  service: (name: string) => serviceState(name),
  requireProtected: (path: string) => requireProtected(path),
  requireUnchangeable: (path: string) => requireUnchangeable(path),
  requireOwn: (path: string) => requireOwn(path),
  grants: (sddl: string) => withSecurityDescriptor(sddl, (descriptor) => grantsOf(daclOf(descriptor))),
  registryValues: async (key: string) => [...((await registry.values(key)) ?? [])],
  registryKeyExists: async (key: string) => (await registry.values(key)) !== null,
  registrySet: (key: string, name: string, value: string | number) => registry.setValue(key, name, value),
  async registryRaw(
    key: string,
    values: readonly (readonly [name: string, type: number, hex: string, length: number])[],
  ) {
    for (const [name, type, hex, length] of values) setRaw(key, name, type, Buffer.alloc(length, hex, 'hex'));
    const read = [...((await registry.values(key)) ?? [])];
    deleteTree(key);
    return read;
  },
  /** What Windows' own reg.exe shows of a policy after it was changed and put back, for each value that it may have had. */
  async policiesPutBack(values: readonly (readonly [type: number, hex: string])[]) {
    const shown: unknown[] = [];
    for (const [type, hex] of values) {
      setRaw(policyKey, branchValue, type, Buffer.from(hex, 'hex'));
      await callC2r('setChannel', { channel: 'SemiAnnual', force: true });
      const written = (await registry.values(policyKey))?.get(branchValue);
      await callC2r('setChannel', { undo: true });
      const query = await promisify(execFile)('reg', ['query', `HKLM\\${policyKey}`, '/v', branchValue, '/reg:64']);
      const line = query.stdout.split('\n').map((each) => each.trim().split(/ {4}/));
      shown.push([written, ...(line.find(([name]) => name === branchValue) ?? []).slice(1)]);
    }
    await registry.deleteValue(policyKey, branchValue);
    return shown;
  },
  registryDelete: (key: string, name: string) => registry.deleteValue(key, name),
  setChannel: (choice: object) => callC2r('setChannel', choice),
  installation: () => callC2r('installation', {}),
  updateTaskState: () => updateTask.state(),
  runUpdateTask: () => updateTask.run(),
  comPlus: () => comPlusFacts(),
  /** How many objects of the fixture live after it has been read. */
  async comPlusLiving() {
    const outcome = await comPlusFacts().catch(() => 'refused');
    return [outcome, koffi.load('C:\\lab\\com-admin.dll').func('int32 C2RLabLiving()')()];
  },
  async watch() {
    process.stdin.resume();
    const [line] = await once(process.stdin, 'data');
    return new Promise((resolve) => {
      watchProcess(Number(line), () => resolve('ended'));
      process.stderr.write('watching');
    });
  },
  /** Takes a pipe, and gives it back before the same process asks again. */
  pipe(name: string) {
    const first = takePipe(name);
    const meanwhile = takePipe(name);
    first?.close();
    const again = takePipe(name);
    return [first, meanwhile, again].map((lock) => lock !== null);
  },
  holdPipe(name: string) {
    process.stdout.write(takePipe(name) ? 'taken' : 'refused');
    return once(process.stdin.resume(), 'end');
  },
  growthOfStatusCalls,
  /** What stands in each type library, one line of JSON each in the file `report`: the next one may end the process. */
  async interfaces(report: string, paths: readonly string[]) {
    for (const path of paths) {
      const outcome = await readInterfaces(path, ['IUpdateNotify2', 'IUpdateNotify']).then(
        (found) => ({ found: found.map(({ slots, ...rest }) => ({ ...rest, slots: [...slots] })) }),
        (error: Error) => ({ error: error instanceof HResultError ? 'HResultError' : String(error.stack) }),
      );
      appendFileSync(report, `${JSON.stringify({ path, ...outcome })}\n`);
    }
  },
};

/** Writes a value of any type and bytes, which the registry takes as they are. */
function setRaw(key: string, name: string, type: number, data: Buffer): void {
  const advapi32 = loadSystemDll('advapi32.dll', advapi32Table);
  const [localMachine, allAccess64] = [0xffffffff80000002n, 0xf013f];
  const slot = pointerSlot();
  checkWin32('RegCreateKeyExW', advapi32.RegCreateKeyExW(localMachine, key, 0, null, 0, allAccess64, null, slot, null));
  const opened = pointerAt(slot);
  checkWin32('RegSetValueExW', advapi32.RegSetValueExW(opened, name, 0, type, data, data.length));
  advapi32.RegCloseKey(opened);
}

/** The access control list of a self-relative SECURITY_DESCRIPTOR, whose offset stands at 16. */
function daclOf(descriptor: bigint): Buffer {
  const at = descriptor + BigInt(bytesAt(descriptor, 20).readUInt32LE(16));
  return bytesAt(at, bytesAt(at, 8).readUInt16LE(2));
}

/** A method of the c2r feature on the real registry; the COM object is not there. */
async function callC2r(name: 'setChannel' | 'installation', params: object): Promise<unknown> {
  const office = { ...openOffice(systemClock), updates: {}, checks: async () => [] } as unknown as Office;
  const run = {
    signal: new AbortController().signal,
    clock: new ManualClock(),
    log: silentLog,
    report: () => undefined,
  };
  return c2rHandlers(office)[name](c2r[name].params.parse(params) as never, run);
}

/** The least memory that one of six rounds of `count` status calls adds, in bytes; what is garbage does not count. */
async function growthOfStatusCalls(count: number, allowed: { heapUsed: number; privateBytes: number }) {
  const collectGarbage = garbageCollector();
  let privateBytes = 0;
  const least = await leastGrowth(6, allowed, async () => {
    for (let done = 0; done < count; done++) await updateNotify.status();
    collectGarbage();
    ({ privateBytes } = JSON.parse((await updateNotify.deploymentData(-1, '')) ?? '{}'));
    return { heapUsed: process.memoryUsage().heapUsed, privateBytes };
  });
  return { privateBytes, least };
}

async function main([name, json = '[]']: string[]): Promise<unknown> {
  const probe = probes[name as keyof typeof probes] as (...args: unknown[]) => unknown;
  return await probe(...JSON.parse(json));
}

main(process.argv.slice(2)).then(
  (result) => print({ result: result ?? null }),
  (error: Error) => {
    const details =
      error instanceof Failure ? error.data : error instanceof HResultError ? error : { stack: error.stack };
    print({ error: { ...details, message: error.message } });
  },
);

function print(outcome: object): void {
  const json = JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  process.stdout.write(json, () => process.exit());
}
