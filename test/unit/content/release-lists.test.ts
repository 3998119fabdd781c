import { describe, expect, test } from 'vitest';
import { reasonIn } from '../../../src/content/http/service-reason.js';
import { parseChannels, timeOf } from '../../../src/content/list/channel-entries.js';
import { parseReleaseHistory, releaseHistoryXml } from '../../../src/content/list/release-history.js';
import { parseSkus } from '../../../src/content/list/sku-entries.js';

import { cabinet } from '../../support/cabinet.mjs';

const url = 'https://service.example/filelist/channels';

describe('times of the service', () => {
  test.each([
    ['8/18/2026 9:05:15 PM', '2026-08-18T21:05:15Z'],
    ['1/2/2026 12:00:00 AM', '2026-01-02T00:00:00Z'],
    ['1/2/2026 12:34:56 PM', '2026-01-02T12:34:56Z'],
    ['12/31/2025 11:59:59 pm', '2025-12-31T23:59:59Z'],
    ['10/4/2026', '2026-10-04T00:00:00Z'],
    ['2022-07-12T17:03:11.52Z', '2022-07-12T17:03:11.52Z'],
    ['2026-05-12T00:00:00', '2026-05-12T00:00:00'],
  ])('%s is %s', (value, iso) => {
    expect(timeOf(value)).toBe(iso);
  });

  test.each(['0001-01-01T00:00:00', '1/1/0001 12:00:00 AM', '18.08.2026', '13/45/2026 1:00:00 AM', 'soon', ''])(
    '%s is no time, and no fault',
    (value) => {
      expect(timeOf(value)).toBeNull();
    },
  );
});

describe('channels', () => {
  const update = {
    version: '2602',
    legacyVersion: '16.0.19929.20172',
    build: '19929.20172',
    pubTime: '8/18/2026 9:05:15 PM',
  };
  const release = {
    version: '16.0.19929.20172',
    release: '2602',
    build: '19929.20172',
    availableAt: '2026-08-18T21:05:15Z',
    endOfSupportAt: null,
  };

  test('updates have version, build and date', () => {
    const [channel] = parseChannels([{ name: 'Current', updates: [update] }], url);
    expect(channel?.releases).toEqual([release]);
  });

  test('a perpetual version has the name of its branch', () => {
    const [channel] = parseChannels([{ name: 'PerpetualVL2024', updates: [{ ...update, version: 'LTSB2024' }] }], url);
    expect(channel?.releases).toEqual([{ ...release, release: 'LTSB2024' }]);
  });

  test.each([['2602'], ['19929.20172'], ['16.0.19929.20172'], [undefined], ['']])(
    'the newest version is found where the answer calls it %s',
    (latestUpdateVersion) => {
      const older = { ...update, version: '2512', legacyVersion: '16.0.9999.20000', build: '9999.20000' };
      const [channel] = parseChannels([{ name: 'Current', updates: [older, update], latestUpdateVersion }], url);
      expect(channel?.latestVersion).toBe('16.0.19929.20172');
    },
  );

  test('a build alone makes a version; an update with neither is left out, and odd fields are null', () => {
    const updates = [{ version: '2602', build: '19929.20172' }, { version: 7 }, null, 'x', { pubTime: update.pubTime }];
    const [channel] = parseChannels([{ name: 'Current', updates }], url);
    expect(channel?.releases).toEqual([{ ...release, availableAt: null }]);
  });

  test.each([
    [{ name: 'CurrentPreview' }, '64256afe-f5d9-4f86-8936-8840a6a4f5be'],
    [{ name: 'Whatever', alternateNames: ['InsiderSlow'] }, '64256afe-f5d9-4f86-8936-8840a6a4f5be'],
    [
      { name: 'New', baseUrl: 'http://officecdn.microsoft.com/PR/01234567-89AB-CDEF-0123-456789ABCDEF' },
      '01234567-89ab-cdef-0123-456789abcdef',
    ],
    [
      { name: 'New', baseUrl: 'https://officecdn.microsoft.com/sg/01234567-89ab-cdef-0123-456789abcdef/' },
      '01234567-89ab-cdef-0123-456789abcdef',
    ],
    [
      { name: 'New', baseUrl: 'https://officecdn.microsoft.com/db/01234567-89ab-cdef-0123-456789abcdef' },
      '01234567-89ab-cdef-0123-456789abcdef',
    ],
    [{ name: 'New', baseUrl: 'https://officecdn.microsoft.com/xx/01234567-89ab-cdef-0123-456789abcdef' }, null],
    [{ name: 'New' }, null],
  ])('%j lies in the folder %s', (entry, folder) => {
    expect(parseChannels([entry], url)[0]?.cdnGuid).toBe(folder);
  });
});

describe('products', () => {
  test.each([
    ['an object by channel', { Current: {}, SemiAnnual: {} }],
    ['an array of names', ['Current', 'SemiAnnual']],
    ['an array of objects', [{ name: 'Current' }, { name: 'SemiAnnual' }, { other: 1 }]],
  ])('channels may be %s', (_what, channels) => {
    expect(parseSkus([{ name: 'Apps', productID: 'P', channels }], url)[0]?.channels).toEqual([
      'Current',
      'SemiAnnual',
    ]);
  });

  test('the form of earlier years and odd fields are read as far as they go', () => {
    expect(parseSkus({ skus: [{ id: 'P', title: 'Apps', channels: 7, officeApps: ['Word', 3, {}] }] }, url)).toEqual([
      {
        name: 'P',
        displayName: 'Apps',
        productId: 'P',
        license: null,
        channels: [],
        recommendedChannel: null,
        apps: [{ name: 'Word', appId: null }],
        raw: expect.any(Object),
      },
    ]);
  });
});

describe('the release history of the CDN', () => {
  test('odd elements are left out, and odd attributes are null', () => {
    const xml = `<ReleaseHistory><Other/><UpdateChannel/><UpdateChannel Name="Deferred" ID="SemiAnnual">
      <Update Version="2602"/><Update LegacyVersion="16.0.1.2" PubTime="soon"/></UpdateChannel></ReleaseHistory>`;
    expect(parseReleaseHistory(xml, url)).toMatchObject([
      {
        name: 'SemiAnnual',
        alternateNames: ['Deferred'],
        displayName: null,
        latestVersion: '16.0.1.2',
        releases: [{ version: '16.0.1.2', release: null, build: '1.2', availableAt: null, endOfSupportAt: null }],
      },
    ]);
  });

  test.each(['', 'text', '<ReleaseHistory>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])(
    '%j is refused or empty',
    (xml) => {
      expect(() => {
        if (parseReleaseHistory(xml, url).length === 0) throw new Error('is not XML');
      }).toThrow('is not XML');
    },
  );

  test.each([
    ['a page', Buffer.from('<html></html>'), 'is not a cabinet'],
    ['another cabinet', cabinet({ 'a.xml': Buffer.from('a') }), 'does not hold ReleaseHistory.xml'],
    ['too much', cabinet({ 'ReleaseHistory.xml': Buffer.alloc(1024 * 1024 + 1) }), 'holds more than 1048576 bytes'],
  ])('%s in its place is refused', async (_what, bytes, reason) => {
    await expect(releaseHistoryXml(bytes, url)).rejects.toThrow(reason);
  });
});

test.each([
  [{ Error: { Code: 'Unknown', Message: 'It failed.' } }, 'It failed. (Unknown)'],
  [{ error: { code: 'NotFound' } }, 'NotFound'],
  [{ message: ' two\r\nlines\u0007 ' }, 'two lines'],
  [{ title: 'Bad Request', status: 400 }, 'Bad Request'],
  [{ error: 'invalid', error_description: 'No such version.' }, 'No such version.'],
  [{ error: 'invalid' }, 'invalid'],
  [{ Message: 'https://user:secret@host/ refused' }, 'https://host/ refused'],
  [{ message: 'x'.repeat(2000) }, 'x'.repeat(500)],
  [{ message: 7 }, null],
  [[], null],
  [null, null],
  ['text', null],
])('the reason in %j', (body, reason) => {
  expect(reasonIn(body)).toBe(reason);
});
