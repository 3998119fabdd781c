/** The sixteen bytes of a GUID as they lie in memory: the first three groups are little-endian numbers. */
export function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replace(/[{}-]/g, ''), 'hex');
  if (bytes.length !== 16) throw new TypeError(`not a GUID: ${text}`);
  return swapped(bytes);
}

/** For example `{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}`. */
export function guidText(bytes: Buffer, offset = 0): string {
  const hex = swapped(Buffer.from(bytes.subarray(offset, offset + 16)))
    .toString('hex')
    .toUpperCase();
  return `{${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
}

function swapped(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
