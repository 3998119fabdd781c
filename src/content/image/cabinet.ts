import { open } from 'node:fs/promises';
import type { ArchiveReader, LibarchiveWasm } from 'libarchive-wasm';
import {
  type ByteSource,
  bytesInMemory,
  type CabinetDirectory,
  CabinetFault,
  checkBlocks,
  hasShortBlocks,
  readDirectory,
  unsupportedKind,
} from './cabinet-directory.js';

/** A cabinet that holds hashes is a few hundred kilobytes; a larger one is not read into memory. */
const maxReadableBytes = 64 * 1024 * 1024;
/** A published hash has about a hundred bytes, a list of releases some ten thousand. */
const maxMemberBytes = 1024 * 1024;
/** What all members together may grow to: two megabytes of a cabinet can hold a gigabyte, which takes seconds to unpack. */
const maxContentBytes = 1024 * 1024 * 1024;
/** How much of a member that nobody wants is unpacked at a time. */
const pieceBytes = 64 * 1024;

/** The archive library: loaded on first use, because it takes a few megabytes and most requests need none of it. */
let library: Promise<{ wasm: LibarchiveWasm; Reader: typeof ArchiveReader }> | undefined;

function archiveLibrary() {
  library ??= import('libarchive-wasm').then(async ({ libarchiveWasm, ArchiveReader: Reader }) => ({
    // Its own output would go to stdout, which belongs to the frames.
    wasm: await libarchiveWasm({ print: () => undefined, printErr: () => undefined }),
    Reader,
  }));
  return library;
}

/**
 * The members of a cabinet (MSZIP, LZX or stored) that `wanted` chooses, by name. Throws CabinetFault for what is not a
 * cabinet, is damaged, is of a kind that is not read here, or holds more than a cabinet of hashes has reason to.
 */
export async function readCabinet(file: string, wanted: (name: string) => boolean): Promise<Map<string, Buffer>> {
  const handle = await open(file, 'r');
  try {
    return await membersOf(handle, (await handle.stat()).size, wanted);
  } finally {
    await handle.close();
  }
}

/** The members of a cabinet whose bytes are at hand; see `readCabinet`. */
export async function membersOf(
  source: ByteSource,
  size: number,
  wanted: (name: string) => boolean,
): Promise<Map<string, Buffer>> {
  const directory = await readDirectory(source, size);
  refuseUnreadable(directory, wanted);
  const bytes = Buffer.alloc(directory.size);
  await readWhole(source, bytes);
  // libarchive refuses a whole cabinet for a name that it cannot convert. The names are known, and nothing else needs them.
  for (const { nameAt } of directory.members) bytes.fill('_', ...nameAt);
  const { wasm, Reader } = await archiveLibrary();
  const reader = openArchive(() => new Reader(wasm, new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)));
  try {
    return unpacked(reader, wasm, directory, wanted);
  } catch (error) {
    const fault = error instanceof CabinetFault ? error : faultOf((error as Error).message);
    if (fault.kind === 'damaged' && hasShortBlocks(bytes, directory)) await refuseShortBlocks(bytes, directory);
    throw fault;
  } finally {
    reader.free();
  }
}

/** Throws for damage, where there is some. */
async function refuseShortBlocks(bytes: Buffer, directory: CabinetDirectory): Promise<never> {
  await checkBlocks(bytesInMemory(bytes), directory, new AbortController().signal, () => undefined);
  throw new CabinetFault('has a short block before the last one of a folder, which is not read here', 'unsupported');
}

function refuseUnreadable(directory: CabinetDirectory, wanted: (name: string) => boolean): void {
  const unsupported = unsupportedKind(directory);
  if (unsupported) throw new CabinetFault(unsupported, 'unsupported');
  if (directory.size > maxReadableBytes) {
    throw new CabinetFault(`is larger than ${maxReadableBytes} bytes`, 'unsupported');
  }
  const large = directory.members.find(({ name, size }) => size > maxMemberBytes && wanted(name));
  if (large) throw new CabinetFault(`holds more than ${maxMemberBytes} bytes in ${large.name}`, 'unsupported');
  const content = directory.members.reduce((sum, { size }) => sum + size, 0);
  if (content > maxContentBytes) throw new CabinetFault(`holds more than ${maxContentBytes} bytes`, 'unsupported');
}

/**
 * Unpacks every member, also those that nobody wants and those behind the last that somebody does: libarchive 3.7.7 loses
 * its place where members are skipped in a cabinet of several folders, and tells some of that only afterwards.
 */
function unpacked(
  reader: ArchiveReader,
  wasm: LibarchiveWasm,
  { members }: CabinetDirectory,
  wanted: (name: string) => boolean,
): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const piece = wasm.module._malloc(pieceBytes);
  try {
    let count = 0;
    for (let entry = reader.nextEntryPointer(); entry !== 0; entry = reader.nextEntryPointer()) {
      const { name, size } = members[count++] ?? { name: '', size: -1 };
      const chunks: Buffer[] = [];
      const length = readMember(reader, wasm, piece, wanted(name) ? (chunk) => chunks.push(chunk) : null);
      if (length !== size) throw new CabinetFault(`is damaged: it holds only a part of ${name}`);
      if (wanted(name)) found.set(name, Buffer.concat(chunks));
    }
    // The end of the archive and damage both end the loop; only damage leaves a text.
    const text = wasm.error_string(reader.archive);
    if (text) throw faultOf(text);
    if (count !== members.length) throw new CabinetFault(`is damaged: ${count} of ${members.length} members are there`);
    return found;
  } finally {
    wasm.module._free(piece);
  }
}

/** Unpacks a member into the memory at `piece`, bit by bit; gives its length. */
function readMember(
  reader: ArchiveReader,
  wasm: LibarchiveWasm,
  piece: number,
  take: ((chunk: Buffer) => void) | null,
): number {
  let length = 0;
  for (;;) {
    const got = wasm.read_data(reader.archive, piece, pieceBytes);
    if (got === 0) return length;
    length += got;
    take?.(Buffer.from(wasm.module.HEAP8.slice(piece, piece + got).buffer));
  }
}

/** What libarchive says is wrong. */
function faultOf(text: string): CabinetFault {
  return /unsupported/i.test(text)
    ? new CabinetFault(`is of a kind that is not read here: ${text}`, 'unsupported')
    : new CabinetFault(`is damaged: ${text}`);
}

/** Damage in the header is found when the archive is opened, and told by an error that may have no text. */
function openArchive<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw faultOf((error as Error).message || 'its header cannot be read');
  }
}

async function readWhole(source: ByteSource, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await source.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) throw new CabinetFault('was cut off while it was read');
    at += bytesRead;
  }
}

/** How many bytes at the start of a file `cabinetFault` looks at. */
export const cabinetHeaderBytes = 12;

/**
 * What is wrong with a file as a cabinet, judged by its header (CFHEADER) and its size; null where nothing is. An
 * Authenticode signature lies behind the cabinet's own end. https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10)
 */
export function cabinetFault(header: Buffer, size: number): string | null {
  if (header.length < cabinetHeaderBytes || header.toString('latin1', 0, 4) !== 'MSCF') return 'is not a cabinet';
  const ownSize = header.readUInt32LE(8);
  return ownSize > size ? `is cut off: ${size} of ${ownSize} bytes` : null;
}
