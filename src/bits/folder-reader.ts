import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../base/absent.js';
import { Failure } from '../base/failure.js';
import { fileText } from '../base/file-text.js';
import { limit } from '../base/limit.js';
import type { TakePiece } from '../content/http/response.js';
import { collisionKey, manifestName, refuseLinks } from '../content/image/image-path.js';
import { type Manifest, parseManifest } from '../content/image/manifest.js';
import { BG_E_ERROR_CONTEXT_REMOTE_FILE, BG_E_FILE_NOT_FOUND, BG_E_VALIDATION_FAILED, fromErrno } from './hresults.js';
import { CopyFault, entryOf, type SourceFile, type SourceReader } from './source-reader.js';

/** Measured under Wine: smaller blocks cost system calls, larger ones the processor's cache. */
const blockBytes = 1024 * 1024;

/** Blocks that no transfer uses at the moment: the collector would let hundreds of them lie before it frees one. */
const spareBlocks: Buffer[] = [];

/**
 * What a share answers while it is away, or while a file is replaced. libuv has no name for ERROR_BAD_NETPATH and most
 * other errors of a network path: they are UNKNOWN.
 */
const passing = new Set([
  'EBUSY',
  'EIO',
  'EAGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ECONNRESET',
  'UNKNOWN',
]);

/** Files of a source that are opened at once: where a share does not answer, each holds as many threads as its path has parts. */
const openings = 2;

/** A folder or a share that holds an image of the content delivery network. */
export function folderReader(root: string): SourceReader {
  const file = join(root, manifestName);
  let known: { readonly stamp: string; readonly manifest: Manifest } | undefined;

  async function manifest(): Promise<Manifest | null> {
    const stats = await stat(file).catch(absent);
    if (!stats) {
      known = undefined;
      return null;
    }
    const stamp = `${stats.size} ${stats.mtimeMs}`;
    if (known?.stamp === stamp) return known.manifest;
    const read = parseManifest(await fileText(file));
    // Taken for none, a damaged one would let everything pass unchecked.
    if (!read) throw new CopyFault('remoteFile', BG_E_VALIDATION_FAILED, `${file} is not a manifest.`);
    known = { stamp, manifest: read };
    return read;
  }

  /** The manifest that is known counts as long as the file fits to it; its hash is compared in the end, and then anew. */
  async function hashOf(path: string, size: number): Promise<string | null> {
    const entry = entryOf(known?.manifest ?? null, path);
    return entry?.size === size ? entry.sha256 : recordedHash(path);
  }

  async function recordedHash(path: string): Promise<string | null> {
    return entryOf(await manifest(), path)?.sha256 ?? null;
  }

  async function openFile(path: string): Promise<SourceFile> {
    let handle: FileHandle | undefined;
    try {
      const actual = join(root, await actualPath(root, path));
      handle = await open(actual, 'r');
      const stats = await handle.stat();
      if (!stats.isFile()) throw new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, `${path} is not a file.`);
      const sha256 = await hashOf(path, stats.size);
      return folderFile(handle, actual, stats, sha256, () =>
        recordedHash(path).catch((error) => {
          throw asCopyFault(error, file);
        }),
      );
    } catch (error) {
      await handle?.close();
      throw asCopyFault(error, join(root, path));
    }
  }

  const limited = limit(openings);
  return { manifest, open: (path, signal) => limited(() => openFile(path), signal), close() {} };
}

function folderFile(
  handle: FileHandle,
  file: string,
  stats: { size: number; mtimeMs: number; mtime: Date },
  sha256: string | null,
  recordedHash: () => Promise<string | null>,
): SourceFile {
  const versionOf = ({ size, mtimeMs }: { size: number; mtimeMs: number }) => `${file} ${size} ${mtimeMs}`;
  const version = versionOf(stats);
  const position = { at: 0 };
  return {
    size: stats.size,
    version,
    sha256,
    modified: stats.mtime,
    recordedHash,
    read: (offset, length, signal, take) => readBlocks(handle, position, offset, length, signal, take),
    isUnchanged: async () => versionOf(await handle.stat()) === version,
    close: () => handle.close(),
  };
}

/**
 * While the caller works on one block the next is read, so that two buffers are all that a transfer needs. Where the file
 * stands there already, it is read on from its own position: to name one costs two further calls a block on Windows.
 */
async function readBlocks(
  handle: FileHandle,
  position: { at: number },
  offset: number,
  length: number,
  signal: AbortSignal,
  take: TakePiece,
): Promise<void> {
  const end = offset + length;
  const inOrder = position.at === offset;
  let [filled, spare] = [takeBlock(), takeBlock()];
  let done = offset;
  const readInto = (block: Buffer) => {
    const wanted = Math.min(block.length, end - done);
    const reading = handle.read(block, 0, wanted, inOrder ? null : done).catch((error) => {
      throw asCopyFault(error, 'the source');
    });
    // Handled at once: it may fail while the caller still works on the block before it.
    reading.catch(() => undefined);
    return reading;
  };
  // Unknown where it ends early.
  if (inOrder) position.at = Number.NaN;
  let pending = readInto(filled);
  try {
    while (done < end) {
      const { bytesRead } = await pending;
      signal.throwIfAborted();
      if (bytesRead === 0)
        throw new CopyFault('remoteFile', BG_E_ERROR_CONTEXT_REMOTE_FILE, 'The file became shorter.', true);
      done += bytesRead;
      const block = filled.subarray(0, bytesRead);
      [filled, spare] = [spare, filled];
      if (done < end) pending = readInto(filled);
      await take(block);
    }
    if (inOrder) position.at = done;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // The handle is closed next, which must not happen under a read.
    await pending.catch(() => undefined);
    spareBlocks.push(filled, spare);
  }
}

function takeBlock(): Buffer {
  return spareBlocks.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
}

/** The path as the file system spells it, for file systems that tell cases apart. Throws where a part of it is a link. */
async function actualPath(root: string, path: string): Promise<string> {
  const parts = path.split('/').map((_, index, names) => join(root, ...names.slice(0, index + 1)));
  // All at once: on a share each of them is a round trip.
  const stats = await Promise.all(parts.map((part) => lstat(part).catch(() => null)));
  const link = parts.find((_, index) => stats[index]?.isSymbolicLink());
  if (link !== undefined) throw linkFault(link);
  if (stats.every((each) => each !== null)) return path;
  const actual = await spelled(root, path);
  // A name that is spelled otherwise was not looked at yet.
  await refuseLinks(root, actual);
  return actual;
}

async function spelled(root: string, path: string): Promise<string> {
  const names: string[] = [];
  for (const name of path.split('/')) {
    const key = collisionKey(name);
    const found = (await readdir(join(root, ...names))).find((entry) => collisionKey(entry) === key);
    if (found === undefined)
      throw new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, `${join(root, path)} does not exist.`);
    names.push(found);
  }
  return names.join('/');
}

function linkFault(file: string): CopyFault {
  return new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, `${file} is a link, which is not followed.`);
}

function asCopyFault(error: unknown, file: string): unknown {
  if (error instanceof CopyFault) return error;
  if (error instanceof Failure) return new CopyFault('remoteFile', BG_E_FILE_NOT_FOUND, error.message);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new CopyFault(
    'remoteFile',
    code === 'ENOENT' ? BG_E_FILE_NOT_FOUND : fromErrno(code, BG_E_ERROR_CONTEXT_REMOTE_FILE),
    `${file} cannot be read: ${code}.`,
    passing.has(code),
  );
}
