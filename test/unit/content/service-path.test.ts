import { expect, test } from 'vitest';
import { fileListUrl } from '../../../src/content/list/endpoint.js';
import { servicePath } from '../../../src/content/list/service-path.js';

/** The sample of Microsoft's documentation, with its space before ServicePath. */
const documented =
  'http://go.microsoft.com/fwlink/?LinkId=626090&Ver=16.0.12527.21104&Branch=Insiders&Arch=64&XMLVer=1.6&xmlPath=http://officecdn.microsoft.com/pr/wsus/ofl.cab&xmlFile=O365Client_64bit.xml& ServicePath=https://config.office.com/api/filelist?Channel=Insiders&Version=16.0.12527.21104&Arch=64&AllLanguages=True';

const expected = {
  channel: 'CurrentPreview',
  version: '16.0.12527.21104',
  arch: 'x64',
  languages: [],
  allLanguages: true,
};

test('the documented MoreInfoUrl gives the query, in spite of its stray space', () => {
  expect(servicePath(documented)).toEqual({ endpoint: 'https://config.office.com/api/filelist', ...expected });
});

test.each([
  ['with %20 for the space', documented.replace('& Service', '&%20Service')],
  ['with + for the space', documented.replace('& Service', '&+Service')],
  ['without the space', documented.replace('& Service', '&Service')],
  ['with spaces around the name', documented.replace('& ServicePath=', '& ServicePath = ')],
  ['with encoded spaces around it', documented.replace('& ServicePath=', '&%20ServicePath%20=%20')],
  [
    'with spaces in its own query',
    documented.replace('?Channel=', '? Channel = ').replace('&All', '& All').replace('es=T', 'es = T'),
  ],
  ['with &amp; as in XML', documented.replaceAll('&', '&amp;')],
  ['in lower case', documented.replace('ServicePath', 'servicepath')],
  [
    'with an encoded ServicePath',
    documented.replace(/ServicePath=(.*)$/, (_all, path: string) => `ServicePath=${encodeURIComponent(path)}`),
  ],
])('the same %s', (_what, url) => {
  expect(servicePath(url)).toEqual({ endpoint: 'https://config.office.com/api/filelist', ...expected });
});

test("today's form, behind a forwarding link, keeps the link's own query, and the list is asked for with both", () => {
  const today = documented.replace(
    'https://config.office.com/api/filelist?',
    'https://go.microsoft.com/fwlink/?linkid=2190568&',
  );
  const query = servicePath(today);
  expect(query).toEqual({ endpoint: 'https://go.microsoft.com/fwlink/?linkid=2190568', ...expected });
  expect(fileListUrl(query).href).toBe(
    'https://go.microsoft.com/fwlink/?linkid=2190568&channel=CurrentPreview&version=16.0.12527.21104&arch=x64&alllanguages=true',
  );
});

test('languages and a 32-bit architecture are understood', () => {
  const url = documented.replace('Arch=64&AllLanguages=True', 'Arch=x86&Lid=fr-fr&Lid=en-US&AllLanguages=False');
  expect(servicePath(url)).toMatchObject({ arch: 'x86', languages: ['fr-fr', 'en-US'], allLanguages: false });
});

test('metadata older than ServicePath gives version, branch and architecture', () => {
  const old = documented.replace(/& ServicePath=.*$/, '');
  expect(servicePath(old)).toEqual({
    endpoint: 'https://clients.config.office.net/releases/v1.0/filelist',
    ...expected,
    allLanguages: false,
  });
});

test.each([
  'http://go.microsoft.com/fwlink/?LinkId=1',
  'nonsense',
  `${documented.split('ServicePath=')[0]}ServicePath=nonsense`,
])('refuses %s', (url) => {
  expect(() => servicePath(url)).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ type: 'ContentInvalid', url }) }),
  );
});
