// A CDN with a file list service on the loopback, with generated content, that misbehaves on demand.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { cabinet } from './cabinet.mjs';

/** Content repeats a block of noise, so that files of any size take no room; the prime keeps offsets from lining up. */
const noise = (() => {
  const block = Buffer.allocUnsafe(1_048_573);
  let state = 0x9e3779b9;
  for (let at = 0; at < block.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[at] = state;
  }
  return block;
})();

/** A file of `size` bytes that differs with `seed`; gives its bytes piece by piece. */
export function generated(size, seed) {
  return {
    size,
    *read(start, end) {
      for (let at = start; at < end; ) {
        const offset = (at + seed * 7919) % noise.length;
        const piece = noise.subarray(offset, Math.min(noise.length, offset + (end - at)));
        yield piece;
        at += piece.length;
      }
    },
  };
}

/** A file of zeros, as a sparse file would be. */
export function zeros(size) {
  const block = Buffer.alloc(1_048_576);
  return {
    size,
    *read(start, end) {
      for (let at = start; at < end; at += block.length) yield block.subarray(0, Math.min(block.length, end - at));
    },
  };
}

export function literal(bytes) {
  return {
    size: bytes.length,
    *read(start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

export function sha256Of({ size, read }) {
  const hash = createHash('sha256');
  for (const piece of read(0, size)) hash.update(piece);
  return hash.digest('hex');
}

const lcids = { 'en-us': 1033, 'fr-fr': 1036, 'de-de': 1031, 'ja-jp': 1041, 'ga-ie': 2108, 'ca-es': 1027 };
/** Languages of these tests that Office is only partly shown in, which have no installer cabinet. */
const partial = ['ga-ie', 'ca-es'];

/** The text of a `.hash` member as Microsoft writes it. */
export const hashMember = (digest, version) =>
  Buffer.from(`\ufeff${digest.toUpperCase()}\r\n${version}\r\n`, 'utf16le');

/** What stands for a security catalog: a DER SEQUENCE of `length` bytes. */
export const catalog = (length = 300) => {
  const bytes = Buffer.alloc(length + 4, 0x05);
  bytes.set([0x30, 0x82, length >> 8, length & 0xff]);
  return bytes;
};

/**
 * A version cabinet: `Build` is the last version for older Windows, the one to install stands behind it, and the hash is
 * the 32 digits of something that is not a SHA-256.
 */
export function versionCabinet(version, compression = 'mszip') {
  const available = `<Available Build="16.0.12527.22286" I320Hash="" I640Hash="" I320Version="${version}" I640Version="${version}" />`;
  return cabinet(
    {
      'v64.hash': hashMember('0123456789abcdef'.repeat(2), version),
      'VersionDescriptor.xml': Buffer.from(
        `\ufeff<?xml version="1.0" encoding="utf-8"?>\n<Version>\n  ${available}\n</Version>`,
      ),
    },
    compression,
  );
}

/**
 * An image of one version: paths to content, and the list of it. `dats` names the streams by culture, `proofing` those of
 * the proofing tools; `arm64x` adds the stream for ARM64 devices.
 * @param {{version?: string, arch?: 'x64' | 'x86', dats?: Record<string, {size: number, read: Function}>,
 *   proofing?: Record<string, {size: number, read: Function}>, arm64x?: {size: number, read: Function},
 *   compression?: string}} options
 */
export function image({
  version = '16.0.19929.20172',
  arch = 'x64',
  dats,
  proofing = {},
  arm64x,
  compression = 'mszip',
} = {}) {
  const bits = arch === 'x64' ? '64' : '32';
  const streams = dats ?? { 'x-none': generated(300_000, 1), 'en-us': generated(70_000, 2) };
  const folder = `/office/data/${version}/`;
  const files = new Map();
  const list = [];
  const add = (relativePath, name, content, more = {}) => {
    files.set(`${relativePath}${name}`.slice(1), content);
    list.push({ name, relativePath, lcid: '0', ...more });
  };
  const addStream = (cab, stream, content, more) => {
    add(
      folder,
      cab,
      literal(cabinet({ [`${stream}.hash`]: hashMember(sha256Of(content), version) }, compression)),
      more,
    );
    const hashLocation = `${cab}/${stream}.hash`;
    add(folder, `${stream}.dat`, content, { ...more, hashLocation, hashAlgorithm: 'Sha256' });
  };
  const root = literal(versionCabinet(version, compression));
  add('/office/data/', `v${bits}_${version}.cab`, root);
  add('/office/data/', `v${bits}.cab`, root, { remote: `/office/data/v${bits}_${version}.cab` });
  // An image of x86 has the installers for Windows of 64 bits, too.
  const installers = arch === 'x64' ? ['i64'] : ['i32', 'i64'];
  for (const stem of installers) {
    add(folder, `${stem}0.cab`, literal(cabinet({ 'setup.txt': Buffer.from('installer '.repeat(9000)) })));
  }
  add(folder, `i${bits}0.cab.cat`, literal(catalog()));
  add(folder, `stream.${arch}.x-none.dat.cat`, literal(catalog()));
  let next = 2000;
  const numbers = new Map();
  const lcidOf = (culture) => {
    if (!numbers.has(culture)) numbers.set(culture, lcids[culture] ?? next++);
    return numbers.get(culture);
  };
  for (const [culture, content] of Object.entries(streams)) {
    if (culture === 'x-none') {
      addStream(`s${bits}0.cab`, `stream.${arch}.x-none`, content, {});
      continue;
    }
    const id = lcidOf(culture);
    const more = { lcid: String(id), languageType: partial.includes(culture) ? 'partial' : 'core' };
    if (culture in lcids && !partial.includes(culture)) {
      const installer = literal(cabinet({ 'setup.txt': Buffer.from(`installer of ${culture}`) }));
      for (const stem of installers) add(folder, `${stem}${id}.cab`, installer, more);
    }
    addStream(`s${bits}${id}.cab`, `stream.${arch}.${culture}`, content, more);
  }
  for (const [culture, content] of Object.entries(proofing)) {
    const id = lcidOf(culture);
    const more = { lcid: String(id), languageType: 'proofingonly' };
    addStream(`sp${bits}${id}.cab`, `stream.${arch}.${culture}.proof`, content, more);
  }
  if (arm64x) addStream(`sa${bits}0.cab`, `stream.${arch}.x-none.arm64x`, arm64x, {});
  return { version, files, list };
}

const update = (version, build, pubTime) => ({ version, legacyVersion: `16.0.${build}`, build, pubTime });

/** Channels as the service sends them, with values of our own; the last has the form of earlier years. */
const channelList = [
  {
    name: 'MonthlyEnterprise',
    displayName: 'Monthly Enterprise Channel',
    baseUrl: 'http://officecdn.microsoft.com/pr/55336b82-a18d-4dd6-b5f6-9e5095c314a6',
    alternateNames: [],
    updates: [
      update('2602', '19929.20172', '8/18/2026 9:05:15 PM'),
      update('2601', '19822.20100', '7/14/2026 12:30:00 AM'),
    ],
    latestUpdateVersion: '16.0.19929.20172',
  },
  {
    name: 'CurrentPreview',
    displayName: 'Current Channel (Preview)',
    baseUrl: 'http://officecdn.microsoft.com/pr/64256AFE-F5D9-4F86-8936-8840A6A4F5BE',
    alternateNames: ['InsiderSlow', 'FirstReleaseCurrent', 'Insiders'],
    updates: [update('2603', '20010.20001', '2026-08-25T17:00:12.5Z')],
    latestUpdateVersion: '16.0.20010.20001',
  },
  {
    channelId: 'PerpetualVL2024',
    latestVersion: '16.0.17932.20790',
    officeVersions: [
      {
        legacyVersion: '16.0.17932.20790',
        availabilityDate: '2026-05-12T00:00:00',
        endOfSupportDate: '0001-01-01T00:00:00',
      },
    ],
  },
];

/** What the CDN itself has to say of its releases, with values of our own. */
const releaseHistory = `\ufeff<?xml version="1.0" encoding="utf-8"?>
<ReleaseHistory PublishedDate="08/20/2026 23:11">
  <UpdateChannel Name="InsiderSlow" ID="CurrentPreview" DisplayName="Current Channel (Preview)">
    <Update Latest="True" Version="2603" LegacyVersion="16.0.20010.20001" Build="20010.20001" PubTime="2026-08-25T17:00:12.5Z" />
    <Update Latest="False" Version="2602" LegacyVersion="16.0.19929.20100" Build="19929.20100" PubTime="2026-08-11T17:00:00Z" />
  </UpdateChannel>
  <UpdateChannel Name="Perpetual2024" ID="PerpetualVL2024" DisplayName="Office 2024 Perpetual Enterprise">
    <Update Latest="True" Version="LTSB2024" LegacyVersion="16.0.17932.20790" Build="17932.20790" PubTime="2026-05-12T09:15:00Z" />
  </UpdateChannel>
</ReleaseHistory>`;

const skuList = [
  {
    name: 'Microsoft 365 Apps for enterprise',
    productID: 'O365ProPlusRetail',
    license: null,
    recommendedChannel: 'Current',
    officeApps: [
      { name: 'Word', appID: 'Word' },
      { name: 'OneDrive (Groove)', appID: 'Groove' },
    ],
    channels: {
      Current: { recommendation: 2, activationMethodsAvailability: {} },
      MonthlyEnterprise: { recommendation: 1, activationMethodsAvailability: {} },
    },
  },
  {
    name: 'Office Standard 2024 - Volume License',
    productID: 'Standard2024Volume',
    license: 'VL',
    recommendedChannel: 'PerpetualVL2024',
    officeApps: [],
    channels: { PerpetualVL2024: { recommendation: 2, activationMethodsAvailability: { kms: 1, mak: 2 } } },
  },
];

/**
 * @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse,
 *   serve: (options?: object) => Promise<void>) => unknown} Behaviour
 */

/** Serves images, all in one tree as the CDN does, and their list. */
export async function startCdn(images, { tls } = {}) {
  const pictures = [images].flat();
  const files = new Map(pictures.flatMap((picture) => [...picture.files]));
  const requests = [];
  const sockets = new Set();
  /** @type {{pattern: RegExp, behave: Behaviour, left: number}[]} */
  const faults = [];
  const cdn = {
    url: '',
    endpoint: '',
    releaseHistory: '',
    files,
    requests,
    /** Bytes of bodies that were sent. */
    sentBytes: 0,
    etags: new Map(),
    /** The list as the service sends it; tests may change it. */
    list: [],
    /** Whether the list is of the languages that are asked for, as the service's is. */
    choosesLanguages: false,
    /** Lets the next `times` requests for paths that match behave as told. */
    misbehave(pattern, behave, times = 1) {
      faults.push({ pattern, behave, left: times });
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };

  const listener = async (request, response) => {
    const url = new URL(request.url, 'http://cdn');
    const path = decodeURI(url.pathname);
    requests.push({ method: request.method, path, query: url.searchParams, headers: request.headers });
    const serve = (options) => answer(request, response, path, options);
    const fault = faults.find(({ pattern, left }) => left > 0 && pattern.test(`${request.method} ${path}`));
    try {
      if (fault) {
        fault.left--;
        await fault.behave(request, response, serve);
      } else await serve();
    } catch (error) {
      response.destroy(error);
    }
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  cdn.url = `${origin}/pr/55336b82-a18d-4dd6-b5f6-9e5095c314a6`;
  cdn.endpoint = `${origin}/filelist`;
  cdn.releaseHistory = `${origin}/pr/wsus/releasehistory.cab`;
  cdn.list = pictures.at(-1).list.map(({ remote, ...entry }) => ({
    url: `${cdn.url}${remote ?? `${entry.relativePath}${entry.name}`}`,
    ...entry,
  }));

  /** The list, or what the service itself would choose of it: what belongs to no language, and the languages asked for. */
  function listFor(request) {
    const query = new URL(request.url, 'http://cdn').searchParams;
    if (!cdn.choosesLanguages || query.get('alllanguages') === 'true') return cdn.list;
    const named = cdn.list.map(({ name, lcid }) => [/^stream\.x\d+\.([a-z-]+)\./.exec(name)?.[1], lcid]);
    const chosen = query.getAll('lid').map((culture) => named.find(([name]) => name === culture.toLowerCase())?.[1]);
    return cdn.list.filter(({ lcid }) => lcid === '0' || chosen.includes(lcid));
  }

  async function answer(request, response, path, options = {}) {
    if (path === '/filelist') return json(response, options.body ?? { files: listFor(request) });
    if (path === '/filelist/channels') return json(response, options.body ?? channelList);
    if (path === '/filelist/skus') return json(response, options.body ?? skuList);
    if (path === '/pr/wsus/releasehistory.cab') {
      const content = literal(cabinet({ 'ReleaseHistory.xml': Buffer.from(releaseHistory) }, 'lzx'));
      return sendFile(request, response, content, '"history"');
    }
    const content = files.get(path.replace(/^\/pr\/[^/]+\//, ''));
    if (!content) return response.writeHead(404).end();
    await sendFile(request, response, content, options.etag ?? cdn.etags.get(path) ?? `"${content.size}"`, options);
  }

  async function sendFile(request, response, content, etag, { stopAt, ranges = true, validator = true, type } = {}) {
    const [, first, last] = (ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
    const condition = request.headers['if-range'];
    const partial = first !== undefined && (condition === undefined || condition === etag);
    const start = partial ? Number(first) : 0;
    const end = partial && last ? Math.min(Number(last) + 1, content.size) : content.size;
    if (partial && start >= content.size) return response.writeHead(416).end();
    response.writeHead(partial ? 206 : 200, {
      'content-type': type ?? 'application/octet-stream',
      'content-length': end - start,
      ...(validator ? { etag } : {}),
      ...(partial ? { 'content-range': `bytes ${start}-${end - 1}/${content.size}` } : {}),
    });
    if (request.method === 'HEAD') return response.end();
    for (const piece of content.read(start, Math.min(end, start + (stopAt ?? Number.POSITIVE_INFINITY)))) {
      if (response.destroyed) return;
      cdn.sentBytes += piece.length;
      // Large writes by choice: the server must not be what a benchmark measures.
      if (!response.write(piece)) await drained(response);
    }
    if (stopAt === undefined) response.end();
    else response.destroy();
  }

  return cdn;
}

/** Resolves when more can be written, or never will be. */
function drained(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function json(response, body) {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
