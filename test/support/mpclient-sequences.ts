import { isFailure, unsigned } from '../../src/base/hresult.js';
import type { DefenderScenario } from '../../src/simulated/scenario.js';

/** Every notification of an update of two packages from a file share, but its end. */
export const wholeUpdate = [
  'notify 0x8001 0',
  'notify 0x8002 0',
  'notify 0x8003 0 0 2 0 4 \\\\server\\share',
  'notify 0x8004 0',
  'notify 0x8005 0',
  'notify 0x8006 0 50 2 0 4 \\\\server\\share',
  'notify 0x8007 0 100 2 1 4 \\\\server\\share',
  'notify 0x8008 0',
  'notify 0x8009 0 50 2 0 4 -',
  'notify 0x800A 0 100 2 1 4 -',
] as const;

export const complete = 'notify 0x800D 0';

/** What MpClient tells, and what the update must make of it: a result, or the data of an error. */
export interface Sequence {
  readonly name: string;
  readonly script: readonly string[];
  readonly result?: object;
  readonly error?: object;
}

export const sequences: readonly Sequence[] = [
  {
    name: 'a whole update: versions move, and phases and source are told',
    script: [...wholeUpdate, 'signature 1 421 99', 'notify 0x800C 0', complete],
    result: {
      changed: true,
      versionsBefore: { antivirusSignature: { version: '1.421.12.0' } },
      versionsAfter: {
        product: { version: '4.18.1.7', updatedAt: '2025-08-18T14:13:20.000Z' },
        service: { version: '4.18.2.7' },
        engine: { version: '4.18.4.7' },
        antivirusSignature: { version: '1.421.99.0' },
        antispywareSignature: { version: '1.421.99.0' },
        nisEngine: { version: '4.18.7.7' },
        nisSignature: { version: null, updatedAt: null },
      },
      rebootRequired: false,
      hresult: 0,
      message: "Defender's text for 0x00000000.",
      phases: [
        { phase: 'search', updateTotal: 2, updateType: 'UNC', stage: 'SEARCH', path: '\\\\server\\share' },
        { phase: 'download', updateTotal: 2, updateType: 'UNC', stage: 'DOWNLOAD', path: '\\\\server\\share' },
        { phase: 'install', updateTotal: 2, updateType: 'UNC', stage: 'INSTALL', path: null },
      ],
      failures: [],
      unknownNotifications: [],
      backend: 'windows',
    },
  },
  {
    name: 'nothing to do: COMPLETE with S_FALSE on the calling thread, before MpUpdateStart returns',
    script: ['inline', 'notify 0x8001 0', 'notify 0x800D 1'],
    result: { changed: false, hresult: 1, hresultName: 'S_FALSE', phases: [] },
  },
  {
    name: 'nothing to do, told by a worker after a search',
    script: [...wholeUpdate.slice(0, 3), 'notify 0x800D 1'],
    result: { changed: false, hresult: 1, phases: [{ phase: 'search' }] },
  },
  {
    name: 'notifications without data, of another type and of unknown numbers end no update and are not lost',
    script: [
      ...wholeUpdate.map((line) => line.split(' ').slice(0, 3).join(' ')),
      'foreign 0x3001 1',
      'notify 0x80FF 0x80004005',
      'notify 0x80FF 5',
      complete,
    ],
    result: {
      hresult: 0,
      phases: [
        { phase: 'search', updateTotal: null, path: null },
        { phase: 'download', updateTotal: null },
        { phase: 'install', updateTotal: null },
      ],
      unknownNotifications: [
        { notification: 0x3001, type: 1, name: null, count: 1 },
        { notification: 0x80ff, type: 6, hresult: 5, count: 2 },
      ],
    },
  },
  {
    name: 'two sources in turn, on threads of their own: the first fails, the second succeeds and asks for a restart',
    script: [
      'notify 0x8001 0',
      'notify 0x8002 0',
      'notify 0x2001 0x8024402C',
      'source',
      ...wholeUpdate.slice(1),
      'notify 0x800B 0',
      'notify 0x800C 0',
      complete,
    ],
    result: {
      hresult: 0,
      rebootRequired: true,
      phases: [{ phase: 'search' }, { phase: 'search' }, { phase: 'download' }, { phase: 'install' }],
      failures: [{ name: 'INTERNAL_FAILURE', hresultHex: '0x8024402C', count: 1 }],
    },
  },
  {
    name: 'a request that the service refused is told, and COMPLETE decides',
    script: ['notify 0x8001 0', 'notify 0x800C 0x80070652', complete],
    result: { hresult: 0, failures: [{ name: 'SIGUPDATE_REQUEST_PROCESSED', hresultHex: '0x80070652' }] },
  },
  {
    name: 'a failed COMPLETE is UpdateFailed with the text of MpErrorMessageFormat',
    script: ['notify 0x8001 0', 'notify 0x8002 0', 'notify 0x800D 0x8024002E'],
    error: {
      type: 'UpdateFailed',
      hresultHex: '0x8024002E',
      hresultName: 'WU_E_WU_DISABLED',
      text: "Defender's text for 0x8024002E.",
      phase: 'search',
    },
  },
  {
    name: 'a refused MpUpdateStart is the HRESULT of the call',
    script: ['start 0x800106BA'],
    error: { type: 'WindowsError', source: 'MpUpdateStart', hresultHex: '0x800106BA' },
  },
  {
    name: 'versions that cannot be read do not keep an update from running',
    script: ['version 0x800106BA', complete],
    result: { versionsBefore: null, versionsAfter: null, changed: true },
  },
];

/** The script of the Defender that a scenario describes, with the time spread as the simulated one spreads it. */
export function scriptOf({ updates, durationMs, result, rebootRequired, serviceRunning }: DefenderScenario): string[] {
  const hex = unsigned(result).toString(16);
  if (!serviceRunning) return ['status 1', 'version 800106BA', 'notify 0x8001 0', 'notify 0x800D 800106BA'];
  const search = ['notify 0x8001 0', 'notify 0x8002 0', `wait ${durationMs / 4}`];
  if (result === 1 || (updates === 0 && !isFailure(result))) {
    return [...search, 'notify 0x8003 0 0 0 0 1 -', 'notify 0x800D 1'];
  }
  const phase = (start: number, progress: number, end: number) => [
    `notify ${start.toString(16)} 0`,
    ...Array.from({ length: updates }, (_, index) => [
      `wait ${Math.floor((durationMs * 3) / 8 / updates)}`,
      `notify ${progress.toString(16)} 0 ${Math.floor(((index + 1) * 100) / updates)} ${updates} ${index} 1 -`,
    ]).flat(),
    `notify ${end.toString(16)} 0 100 ${updates} ${updates - 1} 1 -`,
  ];
  const download = phase(0x8005, 0x8006, 0x8007);
  const found = [...search, `notify 0x8003 0 0 ${updates} 0 1 -`, 'notify 0x8004 0', ...download];
  if (isFailure(result)) return [...found, `notify 0x800D ${hex}`];
  const restart = rebootRequired ? ['notify 0x800B 0'] : [];
  return [
    ...found,
    ...phase(0x8008, 0x8009, 0x800a),
    'signature 1 421 13',
    ...restart,
    'notify 0x800C 0',
    `notify 0x800D ${hex}`,
  ];
}
