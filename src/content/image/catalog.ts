import type { FileHandle } from 'node:fs/promises';

/** SEQUENCE in DER, which every signed catalog begins with. */
const sequence = 0x30;

/**
 * What is wrong with a file as a security catalog, judged by its first bytes and its size: nothing publishes its hash, and
 * only Windows can check its signature. Null where nothing is.
 */
export async function catalogFault(handle: FileHandle, size: number): Promise<string | null> {
  const head = Buffer.alloc(6);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  if (bytesRead < 2 || head.readUInt8(0) !== sequence) return 'is not a catalog';
  const first = head.readUInt8(1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || bytesRead < 2 + lengthBytes) return 'is not a catalog';
  const own = 2 + lengthBytes + (first < 0x80 ? first : head.readUIntBE(2, lengthBytes));
  return own > size ? `is cut off: ${size} of ${own} bytes` : null;
}
