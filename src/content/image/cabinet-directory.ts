/** Where the bytes of a cabinet are: an open file, or memory. */
export interface ByteSource {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** Bytes in memory. */
export function bytesInMemory(bytes: Buffer): ByteSource {
  return {
    read: async (buffer, offset, length, position) => ({
      bytesRead: bytes.copy(buffer, offset, position, position + length),
    }),
  };
}

/** Why a cabinet cannot be read: it is damaged, or it is a whole one of a kind that this program does not read. */
export class CabinetFault extends Error {
  override readonly name = 'CabinetFault';

  constructor(
    message: string,
    readonly kind: 'damaged' | 'unsupported' = 'damaged',
  ) {
    super(message);
  }
}

interface Member {
  readonly name: string;
  /** Where its name stands in the cabinet, and where that ends. */
  readonly nameAt: readonly [start: number, end: number];
  readonly size: number;
  /** Where it begins in the unpacked content of its folder. */
  readonly offset: number;
  readonly folder: number;
}

/** What a cabinet says of itself. */
export interface CabinetDirectory {
  /** Where the table of its members is. */
  readonly membersOffset: number;
  /** The end of the cabinet; an Authenticode signature may follow it. */
  readonly size: number;
  readonly folders: readonly { readonly offset: number; readonly blocks: number; readonly compression: number }[];
  readonly members: readonly Member[];
  /** Bytes that stand before the content of each data block and belong to other programs. */
  readonly reservedPerBlock: number;
  /** Whether it is one of a set, whose files may begin or end in another cabinet. */
  readonly isOfSet: boolean;
}

/** CFHEADER without what its flags add, CFFOLDER, CFFILE without its name. */
const [headerBytes, folderBytes, fileBytes] = [36, 8, 16];
const flags = { previous: 1, next: 2, reserve: 4 } as const;
/** Far more than the directory of any cabinet of Office. */
const maxDirectoryBytes = 16 * 1024 * 1024;
const maxNameBytes = 256;

/**
 * Reads the directory of a cabinet without unpacking anything. Throws CabinetFault where it is not a cabinet, or is cut off
 * or contradicts itself. https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10)
 */
export async function readDirectory(source: ByteSource, fileSize: number): Promise<CabinetDirectory> {
  const header = await bytesAt(source, 0, Math.min(fileSize, headerBytes + 4));
  if (header.toString('latin1', 0, 4) !== 'MSCF') throw new CabinetFault('is not a cabinet');
  if (header.length < headerBytes + 4) throw new CabinetFault('is cut off in its header');
  const size = header.readUInt32LE(8);
  if (size > fileSize) throw new CabinetFault(`is cut off: ${fileSize} of ${size} bytes`);
  const [membersOffset, folderCount, fileCount] = [16, 26, 28].map((at, index) =>
    index === 0 ? header.readUInt32LE(at) : header.readUInt16LE(at),
  ) as [number, number, number];
  const flagBits = header.readUInt16LE(30);
  const reserves = (flagBits & flags.reserve) !== 0;
  const isOfSet = (flagBits & (flags.previous | flags.next)) !== 0;
  const reservedPerFolder = reserves ? header.readUInt8(38) : 0;
  const reservedPerBlock = reserves ? header.readUInt8(39) : 0;
  if (isOfSet) return { size, membersOffset, folders: [], members: [], reservedPerBlock, isOfSet };

  const foldersOffset = headerBytes + (reserves ? 4 + header.readUInt16LE(36) : 0);
  const folderStride = folderBytes + reservedPerFolder;
  const end = membersOffset + Math.min(fileCount * (fileBytes + maxNameBytes), maxDirectoryBytes);
  const directory = await bytesAt(source, 0, Math.min(size, Math.max(end, foldersOffset + folderCount * folderStride)));
  const inside = (at: number, length: number) => {
    if (at + length > directory.length) throw new CabinetFault('is damaged: its directory leads outside of it');
    return at;
  };
  const folders = Array.from({ length: folderCount }, (_, index) => {
    const at = inside(foldersOffset + index * folderStride, folderBytes);
    return {
      offset: directory.readUInt32LE(at),
      blocks: directory.readUInt16LE(at + 4),
      compression: directory.readUInt16LE(at + 6),
    };
  });
  let at = membersOffset;
  const members = Array.from({ length: fileCount }, () => {
    inside(at, fileBytes + 1);
    const nameEnd = directory.indexOf(0, at + fileBytes);
    if (nameEnd < 0 || nameEnd - at - fileBytes > maxNameBytes) {
      throw new CabinetFault('is damaged: the name of a member does not end');
    }
    const member: Member = {
      name: directory.toString('utf8', at + fileBytes, nameEnd),
      nameAt: [at + fileBytes, nameEnd],
      size: directory.readUInt32LE(at),
      offset: directory.readUInt32LE(at + 4),
      folder: directory.readUInt16LE(at + 8),
    };
    if (member.folder >= folderCount) throw new CabinetFault('is damaged: a member lies in no folder of it');
    at = nameEnd + 1;
    return member;
  });
  return { size, membersOffset, folders, members, reservedPerBlock, isOfSet };
}

/** What keeps this program from unpacking a whole cabinet; null where nothing does. */
export function unsupportedKind(directory: CabinetDirectory): string | null {
  const { folders, isOfSet } = directory;
  if (isOfSet) return 'is one of a set of cabinets, which is not read here';
  // typeCompress; LZX and Quantum carry their window in the higher bits.
  const kinds = folders.map(({ compression }) => compression & 0x0f);
  if (kinds.includes(2)) return 'is compressed with Quantum, which is not read here';
  const unknown = kinds.find((kind) => ![0, 1, 3].includes(kind));
  if (unknown !== undefined) return `is compressed in a way that is not known here (${unknown})`;
  return isInReadingOrder(directory) ? null : 'has its members in an order that is not read here';
}

/**
 * Whether everything comes in the order in which it is needed: the table of members before the data, and the members back to back
 * as the table has them. Other cabinets are whole too (7-Zip reads them), but libarchive 3.7.7 calls their headers invalid.
 */
function isInReadingOrder({ membersOffset, folders, members }: CabinetDirectory): boolean {
  if (folders.some(({ offset, blocks }) => blocks > 0 && offset < membersOffset)) return false;
  let [folder, end] = [0, 0];
  return members.every((member) => {
    if (member.folder > folder) [folder, end] = [member.folder, 0];
    const isNext = member.folder === folder && member.offset === end;
    end += member.size;
    return isNext;
  });
}

/** What every block but the last of a folder holds once it is unpacked, in cabinets of most programs. */
const fullBlockBytes = 0x8000;

/** Whether a block before the last of a folder is short. Most readers take any length; libarchive 3.7.7 calls that invalid. */
export function hasShortBlocks(bytes: Buffer, { folders, reservedPerBlock }: CabinetDirectory): boolean {
  let left = bytes.length;
  return folders.some(({ offset, blocks }) => {
    let at = offset;
    for (let block = 1; block < blocks && at + 8 <= bytes.length && left > 0; block++) {
      if (bytes.readUInt16LE(at + 6) < fullBlockBytes) return true;
      const length = 8 + reservedPerBlock + bytes.readUInt16LE(at + 4);
      at += length;
      left -= length;
    }
    return false;
  });
}

/** How much of a cabinet is checked at a time; a block of data has at most 64 KiB and its head. */
const pieceBytes = 1024 * 1024;

/**
 * Checks every data block of a cabinet against the block's own checksum, where it has one. Throws CabinetFault for damage;
 * `onBytes` gets the count of what has been read.
 */
export async function checkBlocks(
  source: ByteSource,
  { size, folders, reservedPerBlock }: CabinetDirectory,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<void> {
  const headBytes = 8 + reservedPerBlock;
  const piece = Buffer.allocUnsafe(pieceBytes);
  let [pieceStart, pieceEnd] = [0, 0];
  const view = async (at: number, length: number) => {
    if (at + length > size) throw new CabinetFault('is damaged: its data leads outside of it');
    if (at < pieceStart || at + length > pieceEnd) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(piece, 0, Math.min(pieceBytes, size - at), at);
      [pieceStart, pieceEnd] = [at, at + bytesRead];
      if (length > bytesRead) throw new CabinetFault('was cut off while it was read');
    }
    return piece.subarray(at - pieceStart, at - pieceStart + length);
  };
  let checked = 0;
  for (const { offset, blocks } of folders) {
    let at = offset;
    for (let block = 0; block < blocks; block++) {
      const head = await view(at, headBytes);
      const [expected, length] = [head.readUInt32LE(0), head.readUInt16LE(4)];
      const whole = await view(at, headBytes + length);
      const content = checksum(whole.subarray(headBytes), 0);
      // Programs disagree on whether what is reserved counts, beside the sizes.
      const right = [8, headBytes].some((end) => checksum(whole.subarray(4, end), content) === expected);
      if (expected !== 0 && !right) throw new CabinetFault(`is damaged: the block at byte ${at} is not right`);
      at += headBytes + length;
      checked += headBytes + length;
      // Folders whose blocks are the same would otherwise be checked for hours.
      if (checked > size) throw new CabinetFault('is damaged: its folders overlap');
      onBytes(headBytes + length);
    }
  }
}

/** A block as words, aligned; every machine that this runs on has the lowest byte first. */
const words = new Int32Array(0x4000 + 64);
const wordBytes = new Uint8Array(words.buffer);

/** The checksum of CFDATA: 32-bit words combined by XOR; the bytes of an incomplete last word count from its high end. */
function checksum(bytes: Buffer, seed: number): number {
  wordBytes.set(bytes);
  let sum = seed;
  const count = bytes.length >>> 2;
  for (let at = 0; at < count; at++) sum ^= words[at] as number;
  let last = 0;
  for (let at = count * 4; at < bytes.length; at++) last = (last << 8) | (bytes[at] as number);
  return (sum ^ last) >>> 0;
}

async function bytesAt(source: ByteSource, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await source.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
