import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyParameters, downloadParameters } from '../../../src/c2r/parameters.js';
import { c2r } from '../../../src/contract/c2r.js';
import { session } from '../../support/office-handlers.js';
import { report, scriptedOffice } from '../../support/scripted-office.js';

test('nothing given is an empty string', () => {
  expect(downloadParameters({})).toBe('');
  expect(applyParameters({})).toBe('');
});

test('everything given stands in the documented order with one space between', () => {
  const everything = {
    contentId: 'f732af58-5d86-4299-abe9-7595c35136ef',
    downloadSource: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}',
    updateToVersion: '16.0.19929.20172',
    updateBaseUrl: 'https://server/office?a=b',
    displayLevel: true,
  };
  expect(downloadParameters(everything)).toBe(
    'displaylevel=true updatebaseurl=https://server/office?a=b updatetoversion=16.0.19929.20172 ' +
      'downloadsource={5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C} contentid=f732af58-5d86-4299-abe9-7595c35136ef',
  );
  expect(applyParameters({ forceAppShutdown: true, displayLevel: false })).toBe(
    'displaylevel=false forceappshutdown=true',
  );
});

test('false is said, absent is not', () => {
  expect(downloadParameters({ displayLevel: false })).toBe('displaylevel=false');
  expect(applyParameters({ forceAppShutdown: false })).toBe('forceappshutdown=false');
});

test('a CLSID gets its braces and capitals', () => {
  const withPair = (downloadSource: string) => downloadParameters({ downloadSource, contentId: 'a' });
  const expected = 'downloadsource={5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C} contentid=a';
  expect(withPair('5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c')).toBe(expected);
  expect(withPair('{5ce34c0d-0dc9-4c1f-897c-daa1b78cee7c}')).toBe(expected);
});

test('whatever passes the contract, Office reads back exactly the pairs that were given', () => {
  const text = fc.string({
    minLength: 1,
    unit: fc.oneof(fc.constantFrom('=', ' ', '"', "'", '\n', '\u00a0'), fc.string()),
  });
  const params = fc.record(
    {
      displayLevel: fc.boolean(),
      updateBaseUrl: fc.oneof(text, fc.webUrl()),
      updateToVersion: fc.constantFrom('16.0.1.1', '16.0.19929.20172', '16.0.1', '16.0.1.1 x=y'),
      downloadSource: fc.uuid(),
      contentId: text,
    },
    { requiredKeys: [] },
  );
  const schema = c2r.download.params;
  let accepted = 0;
  fc.assert(
    fc.property(params, (given) => {
      if (!schema.safeParse(given).success) return;
      accepted++;
      const pairs = downloadParameters(given)
        .split(/\s+/u)
        .filter(Boolean)
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
      const expected = Object.entries(given).map(([key, value]) => [
        key.toLowerCase(),
        key === 'downloadSource' ? `{${String(value).toUpperCase()}}` : String(value),
      ]);
      expect(Object.fromEntries(pairs)).toEqual(Object.fromEntries(expected));
      expect(pairs).toHaveLength(expected.length);
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test.each([
  'a b',
  'a\tb',
  'a\nb',
  'a\u00a0b',
  'a\u2028b',
  'a"b',
  "a'b",
  'a\u0000b',
  'a\u007fb',
  'a\u200eb',
  '',
  'x'.repeat(2049),
])('refuses %j where Office has no way to quote it', (value) => {
  expect(c2r.download.params.safeParse({ updateBaseUrl: value }).success).toBe(false);
  expect(
    c2r.download.params.safeParse({ contentId: value, downloadSource: '5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C' }).success,
  ).toBe(false);
});

test.each(['16.0.19929.20172', '16.0.0.1'])('takes the version %s', (value) => {
  expect(c2r.download.params.safeParse({ updateToVersion: value }).success).toBe(true);
});

test.each([
  '16.0.19929',
  '15.0.19929.20172',
  '16.1.19929.20172',
  '16.0.19929.20172.1',
  '16.0.199290.1',
  '16.0.1.-1',
  ' 16.0.1.1',
  '16.0.1.1\n',
])('refuses the version %j', (value) => {
  expect(c2r.download.params.safeParse({ updateToVersion: value }).success).toBe(false);
});

test.each([
  ['download', { downloadSource: '5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C' }, 'contentId'],
  ['update', { contentId: 'a' }, 'downloadSource'],
] as const)(
  'c2r/%s refuses half a content pair before any COM call, and names the missing half',
  async (name, params, path) => {
    let looks = 0;
    const office = scriptedOffice([], {
      async status() {
        looks++;
        return report('UPDATE_UNKNOWN');
      },
    });
    const error = await session(() => office).fail(name, params);
    expect(error.data).toMatchObject({ type: 'InvalidParams', issues: [{ path }] });
    expect(office.calls).toEqual([]);
    expect(looks).toBe(0);
  },
);

test('Office is called with what was asked for, and with nothing else', async () => {
  const office = scriptedOffice([report('UPDATE_UNKNOWN'), report('DOWNLOAD_WIP')]);
  const { call } = session(() => office);
  await call('download', { updateToVersion: '16.0.19929.20172', wait: false, timeoutMs: 1000 });
  await call('download', {});
  expect(office.calls).toEqual(['Download(updatetoversion=16.0.19929.20172)', 'Download()']);
});
