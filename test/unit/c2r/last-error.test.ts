import { describe, expect, test } from 'vitest';
import { decodeLastError, lastError } from '../../../src/c2r/last-error.js';
import { clickToRunKey, updateScenarioKey, updatesKey, updateTasksKey } from '../../../src/c2r/registry-keys.js';
import { MemoryRegistry, type RegistryContents } from '../../../src/simulated/registry.js';
import { simulated } from '../../support/office-handlers.js';

const read = (contents: RegistryContents) => lastError(new MemoryRegistry(contents, true));

describe("Click-to-Run's own codes", () => {
  test.each([
    ['30088-27', '30088-27', /could not carry out the update/, /repair/],
    ['30088-1015 (-2146697208)', '30088-1015', /could not reach/, /network/],
    ['Error Code: 30182-39 (2)', '30182-39', /could not download a file/, /network/],
    ['30182-2016 (448)', '30182-2016', /could not download a file/, /network/],
    ['30125-1011 (-2147012867)', '30125-1011', /could not reach/, /network|firewall/],
    ['30103-44', '30103-44', /disk space/, /disk space/],
    ['30999-1', '30999-1', /not published/, /repair/],
  ])('%s is told in words, with what to do', (raw, code, text, recommendation) => {
    const decoded = decodeLastError(raw, 'source', 'UPDATE');
    expect(decoded).toMatchObject({ code, raw, scenario: 'UPDATE', source: 'source' });
    expect(decoded?.text).toMatch(text);
    expect(decoded?.recommendation).toMatch(recommendation);
  });

  test('an HRESULT behind a code has its name', () => {
    expect(decodeLastError('30125-1011 (-2147012867)', '', null)).toMatchObject({
      hresult: -2147012867,
      hresultName: 'ERROR_INTERNET_CANNOT_CONNECT',
    });
  });

  test.each(['0x80070070', '-2147024784', '2147942512'])('%s without a code is an HRESULT', (raw) => {
    expect(decodeLastError(raw, '', null)).toMatchObject({
      code: null,
      hresultName: 'ERROR_DISK_FULL',
      text: expect.stringContaining('space'),
    });
  });

  test.each(['', '0', '0x00000000', 'Success', 'none'])('%j says that there is none', (raw) => {
    expect(decodeLastError(raw, '', null)).toBeNull();
  });

  test('a small number in brackets, a success and a long text are not taken for an HRESULT', () => {
    for (const raw of ['30182-39 (2)', '30182-39 (2147483647)', '1', 'x'.repeat(2000)]) {
      expect(decodeLastError(raw, '', null)?.hresult ?? null).toBeNull();
    }
    expect(decodeLastError('x'.repeat(2000), '', null)?.raw).toHaveLength(500);
  });
});

describe('where it is kept', () => {
  test.each<[string, RegistryContents, object | null]>([
    ['nowhere', {}, null],
    ['of the update scenario', { [updateScenarioKey]: { LastUpdateError: '30088-29' } }, { code: '30088-29' }],
    ['of the updates', { [updatesKey]: { LastUpdateError: '30182-39' } }, { code: '30182-39' }],
    [
      'as a number',
      { [updateScenarioKey]: { LastUpdateError: 0x80072ee7 } },
      { hresultName: 'ERROR_INTERNET_NAME_NOT_RESOLVED' },
    ],
    [
      'as a result',
      { [clickToRunKey]: { LastScenario: 'UPDATE', LastScenarioResult: 'Failure' } },
      { code: null, scenario: 'UPDATE', raw: 'Failure' },
    ],
    [
      'as the state of a task',
      { [updateTasksKey]: { 'STREAM:1': 'TASKSTATE_COMPLETED', 'APPLY:2': 'TASKSTATE_FAILED' } },
      { raw: 'TASKSTATE_FAILED' },
    ],
    ['as tasks that completed', { [updateTasksKey]: { 'APPLY:2': 'TASKSTATE_COMPLETED' } }, null],
    [
      'before a run that succeeded',
      { [clickToRunKey]: { LastScenarioResult: 'Success' }, [updateScenarioKey]: { LastUpdateError: '30088-27' } },
      null,
    ],
  ])('%s', async (_, contents, expected) => {
    const found = await read(contents);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });
});

test('a failed update tells it, with its advice where nothing better is known', async () => {
  const { fail } = simulated({ lastError: '30182-39', fail: [{ at: 'download', errorCode: 1 }] });
  const { message, data } = await fail('download', { wait: true });
  expect(message).toMatch(
    /FAILED_UNEXPECTED\. Click-to-Run's own last error: 30182-39\. Click-to-Run could not download/,
  );
  expect(data).toMatchObject({ type: 'UpdateFailed', lastError: { code: '30182-39' } });
  expect(data.recommendation).toMatch(/update source has this version/);
});
