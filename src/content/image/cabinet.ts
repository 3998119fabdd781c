import { readFile, stat } from 'node:fs/promises';
import type { LibarchiveWasm } from 'libarchive-wasm';

/** A cabinet that holds hashes is a few hundred kilobytes; a larger one is not read into memory. */
const maxReadableBytes = 64 * 1024 * 1024;
/** A published hash has about a hundred bytes. */
const maxMemberBytes = 1024 * 1024;
/** What all members together may grow to: two megabytes of a cabinet can hold a gigabyte, which takes seconds to pass over. */
const maxContentBytes = 1024 * 1024 * 1024;

/** The archive library: loaded on first use, because it takes a few megabytes and most requests need none of it. */
let library:
  | Promise<{ wasm: LibarchiveWasm; ArchiveReader: typeof import('libarchive-wasm').ArchiveReader }>
  | undefined;

function archiveLibrary() {
  library ??= import('libarchive-wasm').then(async ({ libarchiveWasm, ArchiveReader }) => ({
    // Its own output would go to stdout, which belongs to the frames.
    wasm: await libarchiveWasm({ print: () => undefined, printErr: () => undefined }),
    ArchiveReader,
  }));
  return library;
}

/** What a cabinet that cannot be read suffers from. */
export class CabinetFault extends Error {
  override readonly name = 'CabinetFault';
}

/**
 * The members of a cabinet (MSZIP, LZX or stored) that `wanted` chooses, by name. Throws CabinetFault for what is no
 * cabinet, is damaged, or holds more than a cabinet of hashes has reason to.
 */
export async function readCabinet(file: string, wanted: (name: string) => boolean): Promise<Map<string, Buffer>> {
  const { size } = await stat(file);
  if (size > maxReadableBytes) throw new CabinetFault(`is larger than ${maxReadableBytes} bytes`);
  const bytes = await readFile(file);
  const fault = cabinetFault(bytes, bytes.length);
  if (fault) throw new CabinetFault(fault);
  const { wasm, ArchiveReader } = await archiveLibrary();
  const reader = openArchive(
    () => new ArchiveReader(wasm, new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)),
  );
  const members = new Map<string, Buffer>();
  try {
    let contentBytes = 0;
    for (const entry of reader.entries()) {
      const name = entry.getPathname();
      contentBytes += entry.getSize();
      if (contentBytes > maxContentBytes) throw new CabinetFault(`holds more than ${maxContentBytes} bytes`);
      if (!wanted(name)) continue;
      if (entry.getSize() > maxMemberBytes)
        throw new CabinetFault(`holds more than ${maxMemberBytes} bytes in ${name}`);
      const data = entry.readData() ?? new Int8Array();
      if (data.length !== entry.getSize()) throw new CabinetFault(`holds only a part of ${name}`);
      members.set(name, Buffer.from(data.buffer, data.byteOffset, data.length));
    }
    // The end of the archive and damage both end the loop; only damage leaves a text.
    const text = wasm.error_string(reader.archive);
    if (text) throw new CabinetFault(`is damaged: ${text}`);
  } catch (error) {
    throw error instanceof CabinetFault ? error : new CabinetFault(`is damaged: ${(error as Error).message}`);
  } finally {
    reader.free();
  }
  return members;
}

/** Damage in the header is found when the archive is opened, and told by an error that may have no text. */
function openArchive<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new CabinetFault(`is damaged: ${(error as Error).message || 'its header cannot be read'}`);
  }
}

/** How many bytes at the start of a file `cabinetFault` looks at. */
export const cabinetHeaderBytes = 12;

/**
 * What is wrong with a file as a cabinet, judged by its header (CFHEADER) and its size; null where nothing is. An
 * Authenticode signature lies behind the cabinet's own end. https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10)
 */
export function cabinetFault(header: Buffer, size: number): string | null {
  if (header.length < cabinetHeaderBytes || header.toString('latin1', 0, 4) !== 'MSCF') return 'is no cabinet';
  const ownSize = header.readUInt32LE(8);
  return ownSize > size ? `is cut off: ${size} of ${ownSize} bytes` : null;
}
