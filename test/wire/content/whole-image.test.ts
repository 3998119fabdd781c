import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startBridge } from '../../support/bridge.js';
import { cabinet, cabinetOf } from '../../support/cabinet.mjs';
import { type Content, generated, hashMember, image, literal, sha256Of, versionCabinet } from '../../support/cdn.mjs';
import { layOut, temporaryFolder } from '../../support/content-staging.js';

const bridge = startBridge();
afterAll(() => bridge.stop());

const version = '16.0.19929.20172';
const older = '16.0.19822.20100';
const folder = `office/data/${version}`;

/** A cabinet with the hash of a stream, and the stream, whose names the CDN's lists do not have. */
function extraStream(cab: string, stream: string, content: Content): [string, Content][] {
  const bytes = cabinet({ [`${stream}.hash`]: hashMember(sha256Of(content), version) }, 'lzx');
  return [
    [`${folder}/${cab}`, literal(bytes)],
    [`${folder}/${stream}.dat`, content],
  ];
}

/** An image of both architectures with every kind of hash cabinet that is known. */
function everyKind(): Map<string, Content> {
  const options = {
    version,
    dats: { 'x-none': generated(90_000, 1), 'en-us': generated(40_000, 2), 'ga-ie': generated(30_000, 3) },
    proofing: { 'fr-fr': generated(20_000, 4) },
    arm64x: generated(50_000, 5),
  };
  return new Map([
    ...image(options).files,
    ...image({ ...options, arch: 'x86' }).files,
    ...extraStream('sc320.cab', 'stream.x86.x-none.chpe', generated(10_000, 6)),
    ...extraStream('sd640.delta00.cab', 'stream.x64.x-none.delta00', generated(10_000, 7)),
  ]);
}

/** The kinds of hash cabinet, each with the stream that it stands for. */
const kinds = [
  ['s640.cab', 'stream.x64.x-none.dat'],
  ['s641033.cab', 'stream.x64.en-us.dat'],
  ['s642108.cab', 'stream.x64.ga-ie.dat'],
  ['sp641036.cab', 'stream.x64.fr-fr.proof.dat'],
  ['sa640.cab', 'stream.x64.x-none.arm64x.dat'],
  ['s320.cab', 'stream.x86.x-none.dat'],
  ['sp321036.cab', 'stream.x86.fr-fr.proof.dat'],
  ['sa320.cab', 'stream.x86.x-none.arm64x.dat'],
  ['sc320.cab', 'stream.x86.x-none.chpe.dat'],
  ['sd640.delta00.cab', 'stream.x64.x-none.delta00.dat'],
] as const;

/** A folder with these files and no manifest; `verify` gives the result, with the files that are not ok by path. */
async function handBuilt(files: ReadonlyMap<string, Content> = everyKind()) {
  const { path, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  await layOut(path, files);
  return {
    path,
    at: (name: string) => join(path, folder, name),
    async verify(more: object = {}) {
      const result = await bridge.request('content/verify', { path, ...more });
      const wrong = result.files.filter(({ state }: { state: string }) => state !== 'ok');
      return { ...result, files: Object.fromEntries(wrong.map((file: { path: string }) => [file.path, file])) };
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function flipLastByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0x01;
  await writeFile(file, bytes);
}

test('a whole image that no manifest describes is ok, and says what was taken for complete', async () => {
  await using built = await handBuilt();
  const { ok, files, judged, manifest, counts } = await built.verify();
  expect({ ok, files, manifest }).toEqual({ ok: true, files: {}, manifest: false });
  expect(counts).toMatchObject({ missing: 0, corrupt: 0, unproven: 0, extra: 0 });
  const part = { version, languages: ['en-us', 'ga-ie'], proofingLanguages: ['fr-fr'], basis: 'found' };
  expect(judged).toEqual([
    { ...part, arch: 'x64' },
    { ...part, arch: 'x86' },
  ]);
});

test.each(kinds)('%s proves its stream: an emptied and a changed %s is corrupt', async (_cabinet, stream) => {
  await using built = await handBuilt();
  await flipLastByte(built.at(stream));
  expect(await built.verify()).toMatchObject({ ok: false, files: { [`${folder}/${stream}`]: { state: 'corrupt' } } });
  await truncate(built.at(stream));
  expect(await built.verify()).toMatchObject({ ok: false, files: { [`${folder}/${stream}`]: { state: 'corrupt' } } });
  await rm(built.at(stream));
  expect(await built.verify()).toMatchObject({ ok: false, files: { [`${folder}/${stream}`]: { state: 'missing' } } });
});

test.each(kinds)('a damaged %s is corrupt and leaves %s unproven', async (name, stream) => {
  await using built = await handBuilt();
  await flipLastByte(built.at(name));
  expect(await built.verify()).toMatchObject({
    ok: false,
    files: {
      [`${folder}/${name}`]: { state: 'corrupt', actual: expect.stringContaining('is damaged') },
      [`${folder}/${stream}`]: { state: 'unproven', actual: expect.stringContaining(`${folder}/${name} is damaged`) },
    },
    counts: { corrupt: 1, unproven: 1, extra: 0 },
  });
});

test.each(kinds)('without %s, %s is unproven, not extra', async (name, stream) => {
  await using built = await handBuilt();
  await rm(built.at(name));
  const { ok, files, counts } = await built.verify();
  expect({ ok, extra: counts.extra }).toEqual({ ok: false, extra: 0 });
  expect(files[`${folder}/${stream}`]).toMatchObject({ state: 'unproven' });
  // Those that the languages need are missing by name; nothing but their streams speaks for the others.
  const isNeeded = /^sp?(?:64|32)\d+\.cab$/.test(name);
  expect(files[`${folder}/${name}`]?.state).toBe(isNeeded ? 'missing' : undefined);
});

test.each([
  ['another name', 'q.cab'],
  ['the name of an installer', 'i649999.cab'],
])('a hash cabinet with %s still proves its stream', async (_what, name) => {
  await using built = await handBuilt();
  await rename(built.at('sa640.cab'), built.at(name));
  expect((await built.verify()).files).not.toHaveProperty([`${folder}/stream.x64.x-none.arm64x.dat`]);
  await truncate(built.at('stream.x64.x-none.arm64x.dat'));
  expect((await built.verify()).files).toHaveProperty([`${folder}/stream.x64.x-none.arm64x.dat`, 'state'], 'corrupt');
});

test.each([
  ['compressed with Quantum', { type: 0x0002 }, {}, 'Quantum'],
  ['of a set', {}, { flags: 2 }, 'one of a set of cabinets'],
])('a hash cabinet %s is unproven and not called damaged', async (_what, more, options, reason) => {
  await using built = await handBuilt();
  const members = { 'stream.x64.x-none.arm64x.hash': hashMember('0'.repeat(64), version) };
  await writeFile(built.at('sa640.cab'), cabinetOf([{ members, ...more }], options));
  const { ok, files } = await built.verify();
  const cab = files[`${folder}/sa640.cab`];
  expect({ ok, ...cab }).toMatchObject({ ok: false, state: 'unproven', actual: expect.stringContaining(reason) });
  expect(cab.actual).not.toContain('damaged');
  expect(files[`${folder}/stream.x64.x-none.arm64x.dat`]).toMatchObject({ state: 'unproven' });
});

test('a stream hash that is not a SHA-256, and two that differ, prove nothing', async () => {
  await using built = await handBuilt();
  const name = 'stream.x64.x-none.arm64x';
  await writeFile(built.at('sa640.cab'), cabinet({ [`${name}.hash`]: hashMember('0'.repeat(32), version) }));
  expect((await built.verify()).files).toMatchObject({
    [`${folder}/${name}.dat`]: { state: 'unproven', actual: expect.stringContaining('does not hold a SHA-256') },
  });
  const other = { 'stream.x64.en-us.hash': hashMember('0'.repeat(64), version) };
  await writeFile(built.at('sa640.cab'), cabinet(other));
  expect((await built.verify()).files).toMatchObject({
    [`${folder}/stream.x64.en-us.dat`]: { state: 'unproven', actual: 'two cabinets publish different hashes of it' },
  });
});

test.each([
  ['v64.cab', 'office/data/v64.cab'],
  ['v32.cab', 'office/data/v32.cab'],
  ['the version cabinet of the version', `office/data/v64_${version}.cab`],
  ['i640.cab', `${folder}/i640.cab`],
  ['i641033.cab', `${folder}/i641033.cab`],
  ['i320.cab', `${folder}/i320.cab`],
  ['i321033.cab', `${folder}/i321033.cab`],
])('%s that is missing is listed as missing, and a damaged one as corrupt', async (_what, path) => {
  await using built = await handBuilt();
  await flipLastByte(join(built.path, path));
  expect(await built.verify()).toMatchObject({ ok: false, files: { [path]: { state: 'corrupt' } } });
  await rm(join(built.path, path));
  expect(await built.verify()).toMatchObject({ ok: false, files: { [path]: { state: 'missing' } } });
});

test('a catalog that is cut off or empty is corrupt', async () => {
  await using built = await handBuilt();
  await truncate(built.at('i640.cab.cat'), 100);
  await truncate(built.at('stream.x64.x-none.dat.cat'));
  expect((await built.verify()).files).toMatchObject({
    [`${folder}/i640.cab.cat`]: { state: 'corrupt', actual: 'is cut off: 100 of 304 bytes' },
    [`${folder}/stream.x64.x-none.dat.cat`]: { state: 'corrupt', actual: 'is not a catalog' },
  });
});

test('what is asked for must be there: languages, proofing languages, architecture and version', async () => {
  const { files } = image({ version });
  await using built = await handBuilt(files);
  expect(await built.verify()).toMatchObject({ ok: true });
  expect(await built.verify({ arch: 'x64', version, languages: ['EN-US'] })).toMatchObject({
    ok: true,
    judged: [{ version, arch: 'x64', languages: ['en-us'], basis: 'asked' }],
  });
  const missing = async (more: object) => {
    const result = await built.verify(more);
    expect(result.ok).toBe(false);
    return Object.keys(result.files).map((path) => path.replace(`${folder}/`, ''));
  };
  expect(await missing({ languages: ['en-us', 'fr-fr'] })).toEqual([
    'i641036.cab',
    's641036.cab',
    'stream.x64.fr-fr.dat',
  ]);
  // Office is shown in Irish only in part: there is no installer cabinet.
  expect(await missing({ languages: ['ga-ie'] })).toEqual(['s642108.cab', 'stream.x64.ga-ie.dat']);
  expect(await missing({ proofingLanguages: ['de-de'] })).toEqual(['sp641031.cab', 'stream.x64.de-de.proof.dat']);
  expect(await missing({ languages: ['xx-yy'] })).toEqual(['stream.x64.xx-yy.dat']);
  expect(await missing({ version, arch: 'x86' })).toEqual([
    'office/data/v32.cab',
    `office/data/v32_${version}.cab`,
    'i320.cab',
    's320.cab',
    'stream.x86.x-none.dat',
  ]);
  const absent = await built.verify({ version: older, languages: ['en-us'] });
  expect(absent).toMatchObject({ ok: false, judged: [{ version: older, arch: 'x64', basis: 'asked' }] });
  expect(absent.files).toHaveProperty([`office/data/${older}/stream.x64.en-us.dat`, 'state'], 'missing');
});

test('what is asked for of an image that has nothing of it is missing, and not passed over', async () => {
  await using built = await handBuilt(image({ version }).files);
  const asked = await built.verify({ arch: 'x86', languages: ['en-us'] });
  expect(asked).toMatchObject({ ok: false, judged: [{ version, arch: 'x86', languages: ['en-us'], basis: 'asked' }] });
  expect(asked.files).toHaveProperty([`${folder}/s321033.cab`, 'state'], 'missing');
  await using bare = await handBuilt(new Map([['office/data/v64.cab', literal(versionCabinet(version))]]));
  await expect(bare.verify({ languages: ['en-us'] })).rejects.toMatchObject({
    message: expect.stringContaining('does not hold a version of Office'),
    data: { type: 'ContentInvalid' },
  });
});

test('an image of x86 needs the installers of x64, too, and is not an image of x64 for having them', async () => {
  await using built = await handBuilt(image({ version, arch: 'x86' }).files);
  expect(await built.verify()).toMatchObject({ ok: true, judged: [{ arch: 'x86', languages: ['en-us'] }] });
  await rm(built.at('i641033.cab'));
  expect((await built.verify()).files).toEqual({
    [`${folder}/i641033.cab`]: expect.objectContaining({ state: 'missing' }),
  });
});

test('each of several versions is judged by itself', async () => {
  await using built = await handBuilt(new Map([...image({ version: older }).files, ...image({ version }).files]));
  expect(await built.verify()).toMatchObject({ ok: true, judged: [{ version: older }, { version }] });
  const old = join(built.path, 'office/data', older);
  await rm(join(old, 's641033.cab'));
  const { ok, files } = await built.verify();
  expect(ok).toBe(false);
  expect(files).toMatchObject({
    [`office/data/${older}/s641033.cab`]: { state: 'missing' },
    [`office/data/${older}/stream.x64.en-us.dat`]: { state: 'unproven' },
  });
  expect(await built.verify({ version })).toMatchObject({ judged: [{ version }] });
});

test('a version without a manifest is judged beside one that has it', async () => {
  await using built = await handBuilt(image({ version: older }).files);
  const { startCdn } = await import('../../support/cdn.mjs');
  const cdn = await startCdn(image({ version }));
  try {
    await bridge.request('content/stage', { endpoint: cdn.endpoint, destination: built.path });
  } finally {
    await cdn.close();
  }
  expect(await built.verify()).toMatchObject({
    ok: true,
    manifest: true,
    judged: [
      { version: older, basis: 'found' },
      { version, basis: 'manifest' },
    ],
  });
  await truncate(join(built.path, 'office/data', older, 'stream.x64.en-us.dat'));
  expect((await built.verify()).files).toMatchObject({
    [`office/data/${older}/stream.x64.en-us.dat`]: { state: 'corrupt' },
  });
});

test('a version cabinet must lead to a version that is there, and one with a version in its name to that one', async () => {
  await using built = await handBuilt(image({ version }).files);
  await writeFile(join(built.path, 'office/data/v64.cab'), versionCabinet(older));
  expect((await built.verify()).files).toMatchObject({
    'office/data/v64.cab': { state: 'corrupt', expected: `a version that is there: ${version}`, actual: older },
  });
  await writeFile(join(built.path, `office/data/v64_${version}.cab`), versionCabinet(older, 'lzx'));
  expect((await built.verify()).files).toMatchObject({
    [`office/data/v64_${version}.cab`]: { state: 'corrupt', expected: version, actual: older },
  });
});

test('an image whose folders are spelled as the Office Deployment Tool spells them is judged alike', async () => {
  const spelled = new Map(
    [...image({ version }).files].map(([path, file]) => [path.replace('office/data', 'Office/Data'), file]),
  );
  await using built = await handBuilt(spelled);
  expect(await built.verify()).toMatchObject({ ok: true, files: {} });
  await rm(join(built.path, 'Office/Data', version, 's640.cab'));
  expect((await built.verify()).files).toHaveProperty([`Office/Data/${version}/s640.cab`, 'state'], 'missing');
});
