import { expect, test } from 'vitest';
import { imageFiles } from '../../../src/content/image/image-files.js';
import { versionCabinetCopies } from '../../../src/content/image/version-cabinets.js';
import { fileListUrl, siblingUrl } from '../../../src/content/list/endpoint.js';
import { parseFileList } from '../../../src/content/list/file-list.js';
import { proofingFiles } from '../../../src/content/list/proofing.js';

/** The file object of Microsoft's documentation. */
const documented = {
  url: 'https://officecdn.microsoft.com/pr/7ffbc6bf-bc32-4f92-8982-f9dd17fd3114/office/data/16.0.1234.1001/stream.x64.x-none.dat',
  name: 'stream.x64.x-none.dat',
  relativePath: '/office/data/16.0.1234.1001/',
  hashLocation: 's640.cab/stream.x64.x-none.hash',
  hashAlgorithm: 'Sha256',
  lcid: '0',
};
const path = 'office/data/16.0.1234.1001/stream.x64.x-none.dat';

test('an object with files and a bare array give the same list', () => {
  const expected = [{ ...documented, path, languageType: null }];
  expect(parseFileList({ files: [documented] })).toEqual(expected);
  expect(parseFileList({ Files: [documented], count: 1 })).toEqual(expected);
  expect(parseFileList([documented])).toEqual(expected);
});

test('keys may have any case, and unknown ones are kept', () => {
  const { url, name, relativePath, lcid } = documented;
  const entry = { URL: url, Name: name, RelativePath: relativePath, LCID: Number(lcid), languageType: 'ProofingOnly' };
  expect(parseFileList([entry])).toEqual([
    { url, name, relativePath, path, lcid: '0', hashLocation: null, hashAlgorithm: null, languageType: 'proofingonly' },
  ]);
});

test.each(['url', 'name', 'relativePath'] as const)('a file without %s is refused by the file object', (missing) => {
  const { [missing]: _left, ...entry } = documented;
  expect(() => parseFileList({ files: [documented, entry] })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(missing),
      data: expect.objectContaining({ type: 'ContentInvalid', file: entry }),
    }),
  );
});

test.each([[{}], [null], ['text'], [{ files: {} }], [{ files: ['name'] }], [[{ ...documented, name: 7 }]]])(
  'refuses %j as a list',
  (body) => {
    expect(() => parseFileList(body)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ type: 'ContentInvalid' }) }),
    );
  },
);

test.each(['file:///etc/passwd', 'ftp://host/a', 'not a url'])('refuses the download URL %s', (url) => {
  expect(() => parseFileList([{ ...documented, url }])).toThrow(/not an http or https URL/);
});

test('the query has the names that the service documents, one lid a language', () => {
  const { href } = fileListUrl({
    channel: 'Current',
    version: '16.0.4229.1004',
    arch: 'x64',
    languages: ['fr-fr', 'en-US'],
    allLanguages: true,
  });
  expect(href).toBe(
    'https://clients.config.office.net/releases/v1.0/filelist?channel=Current&version=16.0.4229.1004&arch=x64&lid=fr-fr&lid=en-US&alllanguages=true',
  );
});

test.each([
  ['Monthly', 'Current'],
  ['Targeted', 'SemiAnnualPreview'],
  ['FirstReleaseDeferred', 'SemiAnnualPreview'],
  ['Broad', 'SemiAnnual'],
  ['deferred', 'SemiAnnual'],
  ['Insiders', 'CurrentPreview'],
  ['FirstReleaseCurrent', 'CurrentPreview'],
  ['InsiderFast', 'BetaChannel'],
  ['monthlyenterprise', 'MonthlyEnterprise'],
  ['InsiderSlow', 'CurrentPreview'],
  ['Business', 'SemiAnnual'],
  ['firstReleaseBusiness', 'SemiAnnualPreview'],
  ['Perpetual2019', 'PerpetualVL2019'],
  ['Perpetual2021', 'PerpetualVL2021'],
  ['Perpetual2024', 'PerpetualVL2024'],
  ['PerpetualVL2027', 'PerpetualVL2027'],
])('channel %s is asked for as %s', (given, asked) => {
  expect(fileListUrl({ channel: given }).searchParams.get('channel')).toBe(asked);
});

test('the query of an endpoint survives, and its siblings follow its path', () => {
  const endpoint = 'https://config.office.com/api/filelist/?key=1';
  expect(fileListUrl({ endpoint, channel: 'Current' }).search).toBe('?key=1&channel=Current');
  expect(siblingUrl(endpoint, 'channels').href).toBe('https://config.office.com/api/filelist/channels?key=1');
});

test.each(['http://config.office.com/api/filelist', 'ftp://127.0.0.1/', 'http://127.0.0.1.example.com/', 'nothing'])(
  'refuses the endpoint %s',
  (endpoint) => {
    expect(() => fileListUrl({ endpoint })).toThrow(
      expect.objectContaining({
        data: expect.objectContaining({ issues: [expect.objectContaining({ path: 'endpoint' })] }),
      }),
    );
  },
);

test.each(['http://localhost:1/f', 'http://127.0.0.1:1/f', 'http://[::1]:1/f'])(
  'takes %s: it is this machine',
  (endpoint) => {
    expect(fileListUrl({ endpoint }).href).toBe(endpoint);
  },
);

test('a hash cabinet that the list lacks is taken from beside its file, once', () => {
  const other = { ...documented, name: 'b.dat', url: documented.url.replace('stream.x64.x-none', 'b') };
  const files = imageFiles(parseFileList([documented, other]), undefined);
  expect(files.map(({ path: at, url }) => [at, url])).toEqual([
    ['office/data/16.0.1234.1001/s640.cab', documented.url.replace('stream.x64.x-none.dat', 's640.cab')],
    [path, documented.url],
    ['office/data/16.0.1234.1001/b.dat', other.url],
  ]);
});

test('a listed hash cabinet is found in any case', () => {
  const cabinet = { ...documented, name: 'S640.CAB', hashLocation: undefined };
  const files = imageFiles(parseFileList([documented, cabinet]), undefined);
  expect(files).toHaveLength(2);
  expect(files[0]?.hash?.cabinet).toBe('office/data/16.0.1234.1001/S640.CAB');
});

test('baseUrl replaces the CDN and keeps the name in the URL', () => {
  const renamed = { ...documented, name: 'v64.cab', relativePath: '/office/data/', hashLocation: null };
  const url = 'https://officecdn.microsoft.com/pr/x/office/data/v64_16.0.1.1.cab';
  const [file] = imageFiles(parseFileList([{ ...renamed, url }]), 'http://mirror/o/');
  expect(file).toMatchObject({ path: 'office/data/v64.cab', url: 'http://mirror/o/office/data/v64_16.0.1.1.cab' });
});

test('an unknown hash algorithm is refused', () => {
  expect(() => imageFiles(parseFileList([{ ...documented, hashAlgorithm: 'Crc32' }]), undefined)).toThrow(/Crc32/);
});

test.each([
  ['v64_16.0.1.1.cab', 'v64_16.0.1.1.cab', 'office/data/v64.cab'],
  ['v64.cab', 'v64_16.0.1.1.cab', 'office/data/v64_16.0.1.1.cab'],
  ['v32_16.0.1.1.cab', 'v32_16.0.1.1.cab', 'office/data/v32.cab'],
])('the version cabinet %s gets its second name', (name, remote, copy) => {
  const entry = { url: `https://cdn/office/data/${remote}`, name, relativePath: '/office/data/' };
  const copies = versionCabinetCopies(imageFiles(parseFileList([entry]), undefined));
  expect(copies.map(({ path: at, version }) => [at, version])).toEqual([[copy, '16.0.1.1']]);
});

test.each([
  [
    'what is for them alone',
    ['a.dat:core', 'sp641036.cab:proofingonly', 'b.dat:proofingonly'],
    ['sp641036.cab', 'b.dat'],
  ],
  [
    'what is named so, of a service that tells no types',
    ['stream.x64.fr-fr.dat:', 'stream.x64.fr-fr.proof.dat:', 'stream.x64.fr-fr.proof.dat.cat:', 'SP321036.cab:'],
    ['stream.x64.fr-fr.proof.dat', 'stream.x64.fr-fr.proof.dat.cat', 'SP321036.cab'],
  ],
  [
    'all of a language that has nothing else',
    ['s641128.cab:proofing', 'stream.x64.ha-latn-ng.dat:proofing'],
    ['s641128.cab', 'stream.x64.ha-latn-ng.dat'],
  ],
  ['nothing of one without any', ['stream.x64.fil-ph.dat:partial'], []],
])('proofing tools are %s', (_what, listed, expected) => {
  const relativePath = '/office/data/16.0.1.1/';
  const list = [...listed, 'stream.x64.x-none.proof.dat:proofingonly'].map((text, index) => {
    const [name = '', languageType] = text.split(':');
    const lcid = index === listed.length ? '0' : '1036';
    return { url: `https://cdn${relativePath}${name}`, name, relativePath, lcid, languageType };
  });
  expect(proofingFiles(parseFileList(list)).map(({ name }) => name)).toEqual(expected);
});

test('a list with both version cabinets needs no copy', () => {
  const entry = { url: 'https://cdn/office/data/v64_16.0.1.1.cab', relativePath: '/office/data/' };
  const list = ['v64.cab', 'v64_16.0.1.1.cab'].map((name) => ({ ...entry, name }));
  expect(versionCabinetCopies(imageFiles(parseFileList(list), undefined))).toEqual([]);
});
