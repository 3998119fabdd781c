// Writes cabinets for tests: stored, MSZIP, and LZX with uncompressed blocks. Layout as in
// https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10) (CFHEADER, CFFOLDER, CFFILE, CFDATA).
import { deflateRawSync } from 'node:zlib';

/** A CFDATA block holds at most this many bytes of content. */
const mostBlockBytes = 32_768;
/** typeCompress; LZX carries the window size, here 2^15, in its second byte. */
const types = { stored: 0x0000, mszip: 0x0001, lzx: 0x0f03 };

const encoders = {
  stored: (content) => content,
  mszip: (content) => Buffer.concat([Buffer.from('CK'), deflateRawSync(content)]),
  lzx: lzxUncompressed,
};

/**
 * @param {Record<string, Uint8Array>} members
 * @param {'stored' | 'mszip' | 'lzx'} compression
 * @param {(content: Buffer, first: boolean) => Buffer} encode makes the payload of each block
 */
export function cabinet(members, compression = 'mszip', encode = encoders[compression]) {
  return cabinetOf([{ members, compression, encode }]);
}

/**
 * A cabinet of several folders, each compressed on its own, as the makers of large cabinets write them. `type` overrides a
 * folder's typeCompress, `reserve` is what other programs keep in the header, in each folder and in each block,
 * `flags` are those of a cabinet of a set, and `blockBytes` is how much content each block but the last of a folder has.
 * @param {{members: Record<string, Uint8Array>, compression?: string, encode?: Function, type?: number}[]} folders
 */
export function cabinetOf(folders, { reserve, flags = 0, blockBytes = mostBlockBytes } = {}) {
  const [inHeader, inFolder, inBlock] = reserve ?? [0, 0, 0];
  const headerSize = 36 + (reserve ? 4 + inHeader : 0);
  const foldersSize = folders.length * (8 + inFolder);
  const parts = folders.map(({ members, compression = 'mszip', encode = encoders[compression], type }, index) => {
    const entries = Object.entries(members);
    const content = Buffer.concat(entries.map(([, bytes]) => bytes));
    const blocks = [];
    for (let at = 0; at < content.length; at += blockBytes) {
      blocks.push(dataBlock(content.subarray(at, at + blockBytes), encode, at === 0, inBlock));
    }
    let offset = 0;
    const files = entries.map(([name, bytes]) => {
      const file = fileEntry(name, bytes.length, offset, index);
      offset += bytes.length;
      return file;
    });
    return { blocks, files, type: type ?? types[compression] };
  });
  const files = parts.flatMap((part) => part.files);
  let dataOffset = headerSize + foldersSize + sizeOf(files);
  const folderEntries = parts.map(({ blocks, type }) => {
    const folder = Buffer.alloc(8 + inFolder);
    folder.writeUInt32LE(dataOffset, 0);
    folder.writeUInt16LE(blocks.length, 4);
    folder.writeUInt16LE(type, 6);
    dataOffset += sizeOf(blocks);
    return folder;
  });
  const header = Buffer.alloc(headerSize);
  header.write('MSCF', 0, 'latin1');
  header.writeUInt32LE(dataOffset, 8);
  header.writeUInt32LE(headerSize + foldersSize, 16);
  header.writeUInt8(3, 24);
  header.writeUInt8(1, 25);
  header.writeUInt16LE(folders.length, 26);
  header.writeUInt16LE(files.length, 28);
  header.writeUInt16LE(flags | (reserve ? 4 : 0), 30);
  if (reserve) {
    header.writeUInt16LE(inHeader, 36);
    header.writeUInt8(inFolder, 38);
    header.writeUInt8(inBlock, 39);
  }
  return Buffer.concat([header, ...folderEntries, ...files, ...parts.flatMap(({ blocks }) => blocks)]);
}

const sizeOf = (buffers) => buffers.reduce((sum, { length }) => sum + length, 0);

function fileEntry(name, length, offset, folder) {
  const file = Buffer.alloc(16 + name.length + 1);
  file.writeUInt32LE(length, 0);
  file.writeUInt32LE(offset, 4);
  file.writeUInt16LE(folder, 8);
  file.writeUInt16LE(0x5a21, 10); // 2025-01-01
  file.writeUInt16LE(0x20, 14); // archive attribute
  file.write(name, 16, 'latin1');
  return file;
}

function dataBlock(content, encode, first, reserved) {
  const payload = Buffer.concat([Buffer.alloc(reserved, 0xa5), encode(content, first)]);
  const sizes = Buffer.alloc(4);
  sizes.writeUInt16LE(payload.length - reserved, 0);
  sizes.writeUInt16LE(content.length, 2);
  const sum = Buffer.alloc(4);
  const head = Buffer.concat([sizes, payload.subarray(0, reserved)]);
  sum.writeUInt32LE(checksum(head, checksum(payload.subarray(reserved), 0)), 0);
  return Buffer.concat([sum, sizes, payload]);
}

/**
 * One LZX block of type 3. Bits go into little-endian 16-bit words, the highest first: in the first frame one bit that
 * says that no x86 calls were translated, then the block type (3 bits) and its size (24 bits), padding to a word, the three
 * repeated offsets, and the bytes themselves, padded to an even count.
 */
function lzxUncompressed(content, first) {
  const bits = `${first ? '0' : ''}011${content.length.toString(2).padStart(24, '0')}`.padEnd(32, '0');
  const head = Buffer.alloc(16);
  head.writeUInt16LE(Number.parseInt(bits.slice(0, 16), 2), 0);
  head.writeUInt16LE(Number.parseInt(bits.slice(16, 32), 2), 2);
  for (const at of [4, 8, 12]) head.writeUInt32LE(1, at);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** The checksum of CFDATA: 32-bit words combined by XOR; the bytes of an incomplete last word count from its high end. */
function checksum(bytes, seed) {
  let sum = seed;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) sum ^= bytes.readUInt32LE(at);
  let last = 0;
  for (let at = whole; at < bytes.length; at++) last = (last << 8) | bytes[at];
  return (sum ^ last) >>> 0;
}
