#!/usr/bin/env bash
# Of a file that changes amid a download undici's RetryAgent joins two versions if its ETag is weak; another package always.
#
# Versions:  undici 7.30.2, node-downloader-helper 2.1.11 (npm), Node 20.
# Guess:     a client that resumes after a broken connection sends what it knows of the file, an ETag or else Last-Modified, as
#            If-Range or If-Match, and compares it with that of the part it gets. Where it knows nothing, or only a weak ETag,
#            which is not allowed there, it fails or begins from scratch.
# Seen:      undici heeds a strong ETag: it sends If-Match, and a part with another one, or with none, is an error. A weak
#            ETag it neither sends nor compares, and Last-Modified it never looks at: the caller gets a body of the right
#            length with status 200, 40,000 bytes of one version and 60,000 of the other. Where the server answers with the
#            whole file it is an error. node-downloader-helper sends a bare Range whatever the ETag, and ends as a success
#            with both halves; the whole file it takes in place of the part.
# So:        a program that downloads with either compares a hash at the end. A server in front of undici sends strong ETags: one that
#            compresses makes them weak, and many send dates only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund undici@7.30.2 node-downloader-helper@2.1.11

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { existsSync, mkdtempSync, readFileSync, statSync } = require('node:fs');
const { createServer } = require('node:http');
const { once } = require('node:events');
const { DownloaderHelper } = require('node-downloader-helper');
const { Agent, RetryAgent, request } = require('undici');
const size = 100_000;
const versions = [Buffer.alloc(size, 'a'), Buffer.alloc(size, 'b')];
const halves = (body) => `${body.filter((byte) => byte === 97).length} + ${body.filter((byte) => byte === 98).length}`;

/** Breaks the first answer off after 40,000 bytes, and has a newer version for the second request. */
async function serve(headers, wholeFile) {
  const conditions = [];
  let breakOff;
  const broken = new Promise((resolve) => (breakOff = resolve));
  const server = createServer((request, response) => {
    const { range, 'if-range': ifRange, 'if-match': ifMatch, 'if-unmodified-since': unmodified } = request.headers;
    conditions.push([ifRange, ifMatch, unmodified].filter(Boolean).join(' ') || 'none');
    const own = { 'accept-ranges': 'bytes', ...headers[Math.min(conditions.length, headers.length) - 1] };
    if (conditions.length === 1) {
      response.writeHead(200, { ...own, 'content-length': size });
      response.write(versions[0].subarray(0, 40_000));
      broken.then(() => response.destroy());
    } else if (wholeFile || !range) {
      response.writeHead(200, { ...own, 'content-length': size }).end(versions[1]);
    } else {
      const from = Number(/^bytes=(\d+)-/.exec(range)[1]);
      response.writeHead(206, { ...own, 'content-length': size - from, 'content-range': `bytes ${from}-${size - 1}/${size}` });
      response.end(versions[1].subarray(from));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/file`, conditions, breakOff, close: () => (server.closeAllConnections(), server.close()) };
}
const clients = {
  async undici(url, breakOff) {
    const dispatcher = new RetryAgent(new Agent(), { minTimeout: 1, maxRetries: 2 });
    try {
      const { statusCode, body } = await request(url, { dispatcher });
      const chunks = [];
      for await (const chunk of body) {
        chunks.push(chunk);
        if (Buffer.concat(chunks).length === 40_000) breakOff();
      }
      return `${statusCode}, ${halves(Buffer.concat(chunks))}`;
    } catch ({ message }) {
      return message;
    }
  },
  async 'node-downloader-helper'(url, breakOff) {
    const folder = mkdtempSync('download-');
    const download = new DownloaderHelper(url, folder, { fileName: 'file', retry: { maxRetries: 2, delay: 1 } });
    download.on('error', () => undefined);
    const end = download.start();
    while (!existsSync(`${folder}/file`) || statSync(`${folder}/file`).size < 40_000) await new Promise((resolve) => setImmediate(resolve));
    breakOff();
    const ended = await end;
    return `${ended}, ${halves(readFileSync(`${folder}/file`))}`;
  },
};
const january = 'Mon, 01 Jan 2024 00:00:00 GMT';
const february = 'Thu, 01 Feb 2024 00:00:00 GMT';
const cases = {
  'strong ETag': [[{ etag: '"1"' }, { etag: '"2"' }]],
  'ETag missing later': [[{ etag: '"1"' }, {}]],
  'weak ETag': [[{ etag: 'W/"1"' }, { etag: 'W/"2"' }]],
  'Last-Modified': [[{ 'last-modified': january }, { 'last-modified': february }]],
  'whole file': [[{ etag: '"1"' }, { etag: '"2"' }], true],
};

async function main() {
  const seen = {};
  for (const [client, download] of Object.entries(clients)) {
    for (const [name, [headers, wholeFile]] of Object.entries(cases)) {
      const { url, conditions, breakOff, close } = await serve(headers, wholeFile);
      seen[`${client}, ${name}`] = `${await download(url, breakOff)}; condition ${conditions[1]}`;
      close();
    }
  }
  console.log(seen);
  assert.deepStrictEqual(seen, {
    'undici, strong ETag': 'ETag mismatch; condition "1"',
    'undici, ETag missing later': 'ETag mismatch; condition "1"',
    'undici, weak ETag': '200, 40000 + 60000; condition none',
    'undici, Last-Modified': '200, 40000 + 60000; condition none',
    'undici, whole file': 'server does not support the range header and the payload was partially consumed; condition "1"',
    'node-downloader-helper, strong ETag': 'true, 40000 + 60000; condition none',
    'node-downloader-helper, ETag missing later': 'true, 40000 + 60000; condition none',
    'node-downloader-helper, weak ETag': 'true, 40000 + 60000; condition none',
    'node-downloader-helper, Last-Modified': 'true, 40000 + 60000; condition none',
    'node-downloader-helper, whole file': 'true, 0 + 100000; condition none',
  });
  process.exit();
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
timeout 60 node try.cjs
