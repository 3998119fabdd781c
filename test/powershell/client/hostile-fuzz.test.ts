import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { deadline } from '../../support/deadline.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { literal } from '../../support/powershell-script.js';
import { describePowerShell, fakeBridge, runPowerShellProcess } from '../../support/pwsh.js';

const folder = mkdtempSync(join(tmpdir(), 'c2r-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the fake bridge is to write: see `play` there. */
interface Write {
  readonly raw?: string;
  readonly body?: string;
  readonly length?: number | string;
  readonly cut?: number;
}

interface Piece {
  readonly name: string;
  readonly writes: readonly Write[];
  readonly ending?: string;
  readonly code?: number;
  readonly text?: string;
}

interface Scene extends Piece {
  /** What the call has to come to: the result 42, this error of the bridge, or the end of the bridge. */
  readonly expected: '42' | 'Refused' | 'BridgeFailed';
  readonly at: 'call' | 'initialize';
  readonly pieces: number;
  readonly livesOn: boolean;
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const raw = (text: string | Buffer): Write => ({ raw: base64(text) });
const body = (text: string | Buffer, more: Omit<Write, 'body'> = {}): Write => ({ body: base64(text), ...more });

const progress = (token: string, value: string) =>
  `{"jsonrpc":"2.0","method":"$/progress","params":{"token":${token},"value":${value}}}`;
const reply = '{"jsonrpc":"2.0","id":ID,"result":42}';

/** Messages that are for nobody, or only for the eye. No number of them may matter. */
const harmless = [
  ...['"ID"', '99999', '-1', '2.5', 'ID.5', 'true', '[ID]', '{"ID":ID}', '1e300', '""'].map(
    (id) => `{"jsonrpc":"2.0","id":${id},"result":"wrong"}`,
  ),
  '{"jsonrpc":"2.0","id":99999,"error":"wrong"}',
  '{"jsonrpc":"2.0","id":ID,"method":"window/showMessage","params":{}}',
  '{"jsonrpc":"2.0","method":"window/logMessage"}',
  '{"jsonrpc":"2.0","method":5}',
  ...['"ID"', 'true', '7', 'null', '[ID]'].map((token) => progress(token, '{"percent":1}')),
  ...[
    'null',
    '5',
    '"x"',
    '[]',
    '{}',
    '{"phase":{},"message":5,"percent":"x","elapsedMs":"y"}',
    '{"phase":"p","message":"m","percent":1e300,"elapsedMs":-1e300}',
    '{"phase":"p","message":"m","percent":200,"elapsedMs":1,"remainingMs":-1e300}',
    '{"phase":"p","message":"m","percent":50,"elapsedMs":1}',
  ].map((value) => progress('ID', value)),
];

const answers: readonly Piece[] = [
  { name: 'an answer', writes: [body(reply)] },
  { name: 'two answers', writes: [body(reply), body(reply.replace('42', '"wrong"'))] },
  { name: 'an answer with other headers', writes: [raw('Content-Type: x\r\nContent-Length: 36 \r\n\r\n'), raw(reply)] },
];

const refusals: readonly Piece[] = [
  '{"type":"Refused","recommendation":"Do it."}',
  '{"type":"Refused","hresult":1e300,"recommendation":{}}',
  '{"type":"Refused","hresult":"x","code":{}}',
].map((data) => ({
  name: `an error with ${data}`,
  writes: [body(`{"jsonrpc":"2.0","id":ID,"error":{"code":7,"message":"no","data":${data}}}`)],
}));

const lengths = [
  '0x24',
  '+36',
  '36.0',
  '3.6e1',
  '1kb',
  '-0',
  '-1',
  'NaN',
  '1e3',
  '0x10',
  '',
  '+5',
  '2147483647',
  '4294967296',
  '99999999999',
  '33554433',
  '\uff15',
];
const bodies = [
  ...[
    '',
    ' ',
    'null',
    '5',
    '"x"',
    '[]',
    '[[]]',
    `[${reply}]`,
    `${reply}${reply}`,
    `${reply.slice(0, -1)}`,
    '\ufeff{}',
    '{]}',
  ],
  ...[
    '{"id":ID}',
    '{"id":ID,"result":1,"error":{"code":1,"message":"x"}}',
    '{"id":ID,"error":"x"}',
    '{"id":ID,"error":null}',
  ],
  ...[
    '{"id":ID,"error":{"code":"1","message":"x"}}',
    '{"id":ID,"error":{"code":1}}',
    '{"id":ID,"error":{"code":1,"message":null}}',
  ],
  ...['{"id":null,"error":{"code":-32700,"message":"x"}}', '{"id":null,"result":1}', '{"id":null}', '{}'],
  ...[
    '{"id":ID,"Id":ID,"result":1}',
    '{"":1,"id":ID,"result":1}',
    '{"PSObject":1,"id":ID,"result":1}',
    '{"method":"$/progress"}',
  ],
  `{"id":ID,"result":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  `{"id":ID,"result":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
];

const brokenUtf8 = Buffer.concat([Buffer.from('{"id":ID,"result":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
const flood = (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`;

const ends: readonly Piece[] = [
  { name: 'no frame', writes: [raw('Hello.\r\n\r\n')] },
  { name: 'no length', writes: [raw(`Content-Type: x\r\n\r\n${reply}`)] },
  { name: 'an endless header', writes: [raw(`X: ${'y'.repeat(20_000)}`)] },
  { name: 'a header without end', writes: [], ending: 'floodOutput', text: 'y'.repeat(1000) },
  { name: 'a dribbling header', writes: [], ending: 'dribble', text: 'y' },
  { name: 'a dribbling body', writes: [raw('Content-Length: 33554432\r\n\r\n')], ending: 'dribble', text: 'y' },
  ...lengths.map((length) => ({ name: `the length "${length}"`, writes: [body(reply, { length })] })),
  ...bodies.map((text) => ({ name: `the body ${text.slice(0, 60)}`, writes: [body(text)] })),
  { name: 'bytes that are no UTF-8', writes: [body(brokenUtf8)] },
  { name: 'a length too short', writes: [body(reply, { length: 20 })] },
  { name: 'a length too long', writes: [body(reply, { length: 37 })] },
  { name: 'silence', writes: [] },
  { name: 'silence with a closed input', writes: [], ending: 'closeInput' },
  { name: 'a closed output', writes: [], ending: 'closeOutput' },
  { name: 'a flood of progress for others', writes: [], ending: 'floodOutput', text: flood(progress('"x"', '{}')) },
  // A call has the id 2, after initialize.
  { name: 'a flood of progress', writes: [], ending: 'floodOutput', text: flood(progress('2', '{}')) },
  { name: 'a flood of answers to nothing', writes: [], ending: 'floodOutput', text: flood('{"id":"x","result":1}') },
  { name: 'a flood of errors', writes: [], ending: 'floodErrors', text: 'e'.repeat(10_000) },
  { name: 'an end with 0', writes: [], ending: 'exit' },
  { name: 'an end with 3', writes: [], ending: 'exit', code: 3 },
];

/** A bridge that dies, or falls silent, after any byte of its answer. */
const halves = fc
  .record({ cut: fc.integer({ min: 1, max: 58 }), ending: fc.constantFrom('exit', 'stay') })
  .map(({ cut, ending }) => ({ name: `${ending} ${cut} bytes early`, writes: [body(reply, { cut })], ending }));

const scene: fc.Arbitrary<Scene> = fc
  .record({
    before: fc.array(fc.constantFrom(...harmless), { maxLength: 5 }),
    last: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...answers).map((piece) => ({ piece, expected: '42' as const })) },
      { weight: 1, arbitrary: fc.constantFrom(...refusals).map((piece) => ({ piece, expected: 'Refused' as const })) },
      { weight: 7, arbitrary: fc.constantFrom(...ends).map((piece) => ({ piece, expected: 'BridgeFailed' as const })) },
      { weight: 2, arbitrary: halves.map((piece) => ({ piece, expected: 'BridgeFailed' as const })) },
    ),
    pieces: fc.constantFrom(1, 2, 7, 1000),
    livesOn: fc.boolean(),
    at: fc.constantFrom('call', 'call', 'call', 'initialize'),
  })
  .map(({ before, last: { piece, expected }, pieces, livesOn, at }) => ({
    ...piece,
    writes: [...before.map((text) => body(text)), ...piece.writes],
    expected,
    pieces,
    livesOn,
    // A good answer is no answer to initialize.
    at: expected === 'BridgeFailed' ? (at as Scene['at']) : 'call',
  }));

/** What the script saw of a scene. */
interface Outcome {
  readonly value: unknown;
  readonly id: string | null;
  readonly action: string | null;
  /** Whether the process that played is still there. */
  readonly alive: boolean;
  /** What the next call gave, and whether the same bridge gave it. */
  readonly next: unknown;
  readonly same: boolean;
}

describePowerShell('a bridge that is not ours', () => {
  // A scene takes half a second, one that never ends two.
  const { seed, numRuns } = fuzzParameters(8, 0.2);
  const endless = ends
    .filter(({ ending = '' }) => /^(flood|dribble)/.test(ending))
    .map((piece) => ({ ...piece, expected: 'BridgeFailed' as const, at: 'call' as const, pieces: 1, livesOn: true }));

  test(
    `ends each call in time with its result or with advice, is gone then, and the next call works (seed ${seed})`,
    async () => {
      const scenes: Scene[] = [...endless, ...fc.sample(scene, { seed, numRuns })];
      const file = join(folder, 'scenes.json');
      writeFileSync(file, JSON.stringify(scenes));
      const { output } = await runPowerShellProcess(
        `
      function Set-Patience([hashtable] $Limits) {
        & (Get-Module C2RBridge) { param($Limits) foreach ($name in $Limits.Keys) { Set-Variable -Scope Script -Name $name -Value $Limits[$name] } } $Limits
      }
      function Test-Gone([int] $Id) { -not (Get-Process -Id $Id -ErrorAction Ignore) }
      Set-Patience @{ CancelTimeoutMs = 200; FailedStopTimeoutMs = 300; StopTimeoutMs = 300 }
      $outcomes = foreach ($scene in ConvertFrom-Json ([IO.File]::ReadAllText(${literal(file)}))) {
        $piece = @{ writes = $scene.writes; pieces = $scene.pieces; livesOn = $scene.livesOn }
        foreach ($name in 'ending', 'code', 'text') { if ($scene.PSObject.Properties[$name]) { $piece[$name] = $scene.$name } }
        $value = $null; $failure = $null; $before = 0
        $log = Join-Path ${literal(folder)} 'bridge.log'
        $own = @{ BridgePath = ${literal(fakeBridge)}; LogFile = $log; WarningAction = 'SilentlyContinue' }
        if ($scene.at -eq 'call') { $before = (Connect-C2RBridge @own).ProcessId }
        try {
          if ($scene.at -eq 'call') {
            $value = Invoke-C2RBridgeMethod fake/play $piece -TimeoutSec 1 -Activity Playing
          } else {
            Set-Patience @{ StartTimeoutMs = 5000 }
            Connect-C2RBridge @own -Simulation @{ initialize = $piece }
          }
        } catch {
          $failure = $_
        }
        Set-Patience @{ StartTimeoutMs = 60000 }
        if ($scene.at -ne 'call') {
          $before = ([IO.File]::ReadAllLines($log) | Select-Object -Last 1 | ConvertFrom-Json).pid
          [IO.File]::Delete($log)
        }
        $gone = Test-Gone $before
        if ($scene.at -ne 'call') { $null = Connect-C2RBridge @own }
        @{
          value = $value; alive = -not $gone
          id = $(if ($failure) { $failure.FullyQualifiedErrorId }); action = $(if ($failure -and $failure.ErrorDetails) { $failure.ErrorDetails.RecommendedAction })
          next = $(try { (Invoke-C2RBridgeMethod fake/echo @{ n = 7 }).n } catch { "$_" }); same = $before -eq (Get-C2RBridge | ForEach-Object ProcessId)
        }
      }
      @{ outcomes = @($outcomes); peak = [Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 }`,
        { timeoutMs: 90_000 + numRuns * 5_000 },
      );
      const outcomes: Outcome[] = output.outcomes;
      const wrong = scenes.flatMap((each, index) => {
        const { value, id, action, alive, next, same } = outcomes[index] as Outcome;
        const failed = each.expected === 'BridgeFailed';
        const error =
          each.at === 'initialize' ? 'BridgeStartFailed,Connect-C2RBridge' : `${each.expected},Invoke-C2RBridgeMethod`;
        const right =
          (each.expected === '42' ? value === 42 && id === null : value === null && id === error && action) &&
          alive === !failed &&
          same === !failed &&
          next === 7;
        return right ? [] : [{ ...each, outcome: outcomes[index] }];
      });
      expect(wrong, `C2R_FUZZ_SEED=${seed}`).toEqual([]);
      // Of a process of its own: PowerShell itself takes 150 MB; a body may be announced with 32 MiB.
      expect(output.peak).toBeLessThan(600 * 2 ** 20);
    },
    deadline(120_000 + numRuns * 5_000),
  );
});
