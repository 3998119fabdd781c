import { expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { signed } from '../../../src/base/hresult.js';
import { HResultError } from '../../../src/base/hresult-error.js';
import type { UpdateNotify } from '../../../src/c2r/port.js';
import { cloudPolicyKey, policyKey } from '../../../src/c2r/registry-keys.js';
import { c2r } from '../../../src/contract/c2r.js';
import { type Session, session, simulated } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

type Name = keyof typeof c2r;

const requests: Readonly<Record<Name, object>> = {
  installation: {},
  status: {},
  download: { wait: true, timeoutMs: 200_000 },
  apply: { wait: true, timeoutMs: 200_000 },
  cancel: { wait: true, timeoutMs: 200_000 },
  wait: { timeoutMs: 200_000 },
  update: { timeoutMs: 200_000 },
  blockingApps: {},
  deploymentData: { dataType: 1 },
  setManagement: { enabled: true },
  setChannel: { channel: 'Current' },
  setTargetVersion: { version: '16.0.17928.20114' },
  detect: { wait: true, timeoutMs: 200_000 },
};

function refuse(hresult: number): () => Promise<never> {
  return () => Promise.reject(new HResultError('The call', signed(hresult)));
}

/** An idle Office, or one that is at work without end, some of whose calls fail. */
function failing(calls: readonly (keyof UpdateNotify)[], fail: () => Promise<never>, idle = true): Session {
  const looks = [report(idle ? 'UPDATE_UNKNOWN' : 'DOWNLOAD_WIP')];
  return session(() => scriptedOffice(looks, Object.fromEntries(calls.map((call) => [call, fail]))));
}

function registryThatRefuses(calls: readonly ('values' | 'setValue')[], hresult: number): Session {
  const { office, ...others } = simulated();
  Object.assign(office.registry, Object.fromEntries(calls.map((call) => [call, refuse(hresult)])));
  return { office, ...others };
}

const every = ['download', 'apply', 'cancel', 'status', 'blockingApps', 'deploymentData'] as const;
const tooOld = () => Promise.reject(new Failure('NotAvailable', 'Too old.', { recommendation: 'Update Office.' }));

const machines: readonly (readonly [string, () => Session])[] = [
  ...[0x80070005, 0x80004005, 0x8000000e, 0x80040154, 0x800706ba].flatMap((code) => [
    [`every call of which fails with ${code.toString(16)}`, () => failing(every, refuse(code))] as const,
    [`every action of which fails with ${code.toString(16)}`, () => failing(every.slice(0, 3), refuse(code))] as const,
    [
      `at work, that lets nothing be cancelled: ${code.toString(16)}`,
      () => failing(['cancel'], refuse(code), false),
    ] as const,
    [`whose registry cannot be read: ${code.toString(16)}`, () => registryThatRefuses(['values'], code)] as const,
    [`whose registry cannot be written: ${code.toString(16)}`, () => registryThatRefuses(['setValue'], code)] as const,
  ]),
  ['that accepts all and does nothing', () => failing([], tooOld)],
  ['that is too old', () => failing(every, tooOld)],
  ['that is not there', () => simulated({ installed: false })],
  ['with open apps', () => simulated({ blockingApps: ['WINWORD.EXE'] })],
  [
    'whose actions fail',
    () =>
      simulated({
        fail: [
          { at: 'download', errorCode: 1 },
          { at: 'apply', errorCode: 1 },
        ],
      }),
  ],
  ['of Cloud Update', () => simulated({ registry: { [cloudPolicyKey]: { ignoregpo: 1, UpdateBranch: 'Deferred' } } })],
  ['with a policy', () => simulated({ registry: { [policyKey]: { OfficeMgmtCOM: 0, UpdateBranch: 'Deferred' } } })],
];

test.each(machines)('an Office %s fails no method with an error that the contract does not list', async (_, open) => {
  for (const [name, params] of Object.entries(requests) as [Name, object][]) {
    const error = await open()
      .call(name, params)
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    if (error === null) continue;
    expect(error).toBeInstanceOf(Failure);
    expect(c2r[name].errors, name).toContain((error as Failure).data.type);
  }
});
