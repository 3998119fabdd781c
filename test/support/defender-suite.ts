import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { signed } from '../../src/base/hresult.js';
import { defender } from '../../src/contract/defender.js';
import type { Progress } from '../../src/contract/method.js';
import type { scenario } from '../../src/simulated/scenario.js';
import type { Bridge, RequestOptions } from './bridge.js';

export type DefenderSettings = Omit<NonNullable<z.input<typeof scenario>['defender']>, 'present'>;

interface WireError {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrives
  readonly data: any;
}

type UpdateProgress = Progress<typeof defender.update>;

/** Results and progress values have passed the schema of the contract. */
async function update(bridge: Bridge, params: object = {}, options: RequestOptions = {}) {
  const { onProgress } = options;
  const progress = defender.update.progress as z.ZodMiniType<UpdateProgress>;
  const checked = onProgress && { onProgress: (value: unknown) => onProgress(progress.parse(value)) };
  return defender.update.result.parse(await bridge.request('defender/update', params, { ...options, ...checked }));
}

async function status(bridge: Bridge) {
  return defender.status.result.parse(await bridge.request('defender/status'));
}

async function failedUpdate(bridge: Bridge, params?: object, options?: RequestOptions): Promise<WireError> {
  const error = await update(bridge, params, options).then(
    (result) => {
      throw new Error(`defender/update gave ${JSON.stringify(result)} instead of an error`);
    },
    (reason: WireError) => reason,
  );
  expect(error.data.recommendation).toMatch(/\S.*[.]$/);
  return error;
}

/** Resolves with the first progress value of a phase. */
function progressOf(phase: UpdateProgress['phase']) {
  let arrived: (value: UpdateProgress) => void;
  const seen = new Promise<UpdateProgress>((resolve) => {
    arrived = resolve;
  });
  return { seen, onProgress: (value: UpdateProgress) => void (value.phase === phase && arrived(value)) };
}

/**
 * What every backend of `defender/*` does, seen through JSON-RPC. `open` starts a bridge whose Defender behaves as the
 * settings say; each test ends its bridge.
 */
export function defenderSuite(name: string, open: (settings: DefenderSettings) => Bridge): void {
  const defenderThat = (settings: DefenderSettings = {}) => open({ updates: 3, durationMs: 800, ...settings });

  describe(`defender over ${name}`, () => {
    test('an update moves the versions and tells phases, times and figures', async () => {
      await using bridge = defenderThat();
      const values: UpdateProgress[] = [];
      const result = await update(bridge, {}, { onProgress: (value) => values.push(value) });
      expect(result).toMatchObject({
        changed: true,
        hresult: 0,
        rebootRequired: false,
        phases: [
          { phase: 'search', updateTotal: 3 },
          { phase: 'download', updateTotal: 3 },
          { phase: 'install', updateTotal: 3 },
        ],
        failures: [],
        unknownNotifications: [],
      });
      expect(result.versionsAfter?.antivirusSignature.version).not.toBe(
        result.versionsBefore?.antivirusSignature.version,
      );
      const during = result.phases.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
      expect(during).toBeGreaterThan(400);
      expect(during).toBeLessThanOrEqual(result.elapsedMs);
      expect([...new Set(values.map(({ phase }) => phase))]).toEqual(['search', 'download', 'install']);
      const percents = values.map(({ percent }) => percent ?? -1);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      expect(percents.at(-1)).toBe(100);
      expect(values.some(({ updateIndex, updateTotal }) => updateIndex === 1 && updateTotal === 3)).toBe(true);
    });

    test('sources in turn end with the first that succeeds', async () => {
      await using bridge = defenderThat({ durationMs: 100 });
      const result = await update(bridge, { sources: ['http', 'unmanaged'] });
      expect(result).toMatchObject({ source: 'http', attempts: [{ source: 'http', hresult: 0 }] });
    });

    test('sources that all fail are one error with each attempt', async () => {
      await using bridge = defenderThat({ result: '0x80072EE7', durationMs: 100 });
      expect((await failedUpdate(bridge, { sources: ['managed', 'http'] })).data).toMatchObject({
        type: 'UpdateFailed',
        attempts: [
          { source: 'managed', hresultHex: '0x80072EE7' },
          { source: 'http', hresultHex: '0x80072EE7' },
        ],
      });
    });

    test('the status tells the mode with its confidence, the age, and the sources', async () => {
      await using bridge = defenderThat();
      const seen = await status(bridge);
      expect(seen).toMatchObject({ runningMode: 'normal', runningModeConfidence: 'high' });
      expect(seen.updateSettings).toMatchObject({ order: ['unmanaged', 'http'], orderSetBy: 'default' });
      expect(seen.signatureAge?.hours).toBeGreaterThan(24);
    });

    test('nothing to do is a success that changed nothing', async () => {
      await using bridge = defenderThat({ updates: 0, durationMs: 100 });
      const result = await update(bridge);
      expect(result).toMatchObject({
        changed: false,
        hresult: 1,
        hresultName: 'S_FALSE',
        phases: [{ phase: 'search' }],
      });
      expect(result.versionsAfter).toEqual(result.versionsBefore);
    });

    test.each(['0x80072EE7', '0x8050A005', '0x80070652', '0x80004005'])(
      'a failure with %s is UpdateFailed',
      async (hex) => {
        await using bridge = defenderThat({ result: hex, durationMs: 100 });
        expect(await failedUpdate(bridge)).toMatchObject({
          code: 1004,
          data: { type: 'UpdateFailed', hresult: signed(Number(hex)), hresultHex: hex, phase: 'download' },
        });
      },
    );

    test('a restart that is needed is told', async () => {
      await using bridge = defenderThat({ rebootRequired: true, durationMs: 100 });
      expect((await update(bridge)).rebootRequired).toBe(true);
    });

    test('a service that does not answer is a status, and fails an update', async () => {
      await using bridge = defenderThat({ serviceRunning: false });
      expect(await status(bridge)).toMatchObject({
        versions: null,
        due: null,
        flags: ['SERVICE_UNAVAILABLE'],
        runningMode: 'notRunning',
      });
      expect((await failedUpdate(bridge)).data).toMatchObject({ type: 'UpdateFailed', hresultHex: '0x800106BA' });
    });

    test('a second update meanwhile is InUse and says since when', async () => {
      await using bridge = defenderThat({ durationMs: 1500 });
      const { seen, onProgress } = progressOf('download');
      const first = update(bridge, {}, { onProgress });
      await seen;
      const { code, data } = await failedUpdate(bridge);
      expect({ code, operation: data.operation }).toEqual({ code: 1010, operation: 'defender/update' });
      expect(Date.parse(data.since)).toBeLessThanOrEqual(Date.now());
      expect((await first).changed).toBe(true);
    });

    test('a cancelled update ends in Defender too, and the next one can start at once', async () => {
      await using bridge = defenderThat({ durationMs: 30_000 });
      const before = (await status(bridge)).versions;
      const { seen, onProgress } = progressOf('search');
      const controller = new AbortController();
      const cancelled = failedUpdate(bridge, {}, { onProgress, signal: controller.signal });
      await seen;
      controller.abort();
      expect(await cancelled).toMatchObject({ code: -32800, data: { type: 'RequestCancelled', continues: false } });
      expect((await status(bridge)).versions?.antivirusSignature).toEqual(before?.antivirusSignature);
      expect((await failedUpdate(bridge, { timeoutMs: 200 })).data).toMatchObject({
        type: 'Timeout',
        continues: false,
      });
    });

    test('wrong params are refused by name before Defender is asked', async () => {
      await using bridge = defenderThat();
      const { code, data } = await failedUpdate(bridge, { source: 'MMPC', timeoutMs: 0, path: '\\\\server\\share' });
      expect(code).toBe(-32602);
      expect(data.issues.map(({ path }: { path: string }) => path).sort()).toEqual(['path', 'source', 'timeoutMs']);
    });

    test('the doctor looks at the client, the service, the mode and the signatures', async () => {
      await using bridge = defenderThat();
      const { checks } = await bridge.request('bridge/doctor');
      const ids = checks
        .filter(({ area }: { area: string }) => area === 'defender')
        .map(({ id }: { id: string }) => id);
      expect(ids).toEqual([
        'defender.client',
        'defender.service',
        'defender.mode',
        'defender.signatures',
        'defender.sources',
      ]);
    });

    test('a bridge that is told to end during an update ends, and answers the request', async () => {
      await using bridge = defenderThat({ durationMs: 60_000 });
      const { seen, onProgress } = progressOf('search');
      const reply = failedUpdate(bridge, {}, { onProgress });
      await seen;
      expect(await bridge.stop()).toBe(0);
      expect((await reply).code).toBe(-32800);
    });
  });
}
