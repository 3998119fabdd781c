// Makes lzx-verbatim.cab: one LZX block of type 1 with Huffman trees, literals and matches, because no free program
// compresses cabinets with LZX. Check it with `cabextract -t`. Format: [MS-PATCH] LZX, as cabinets carry it.
import { writeFileSync } from 'node:fs';
import { cabinet } from '../../../support/cabinet.mjs';

const digest = 'ab'.repeat(32);
const content = Buffer.from(`${digest}\r\n16.0.19929.20172\r\n`, 'utf16le');

const number = (value, width) => value.toString(2).padStart(width, '0');
/** A pretree of 20 code lengths of 4 bits, in which two codes have one bit each: the smaller code is 0, the other 1. */
const pretree = (...codes) => Array.from({ length: 20 }, (_, code) => number(codes.includes(code) ? 1 : 0, 4)).join('');

/**
 * The one match that is used: 8 bytes from 4 bytes back. Position slot 5 starts at 6 = 4 + 2 and takes one more bit; a match
 * of 8 has length header 6. Main tree element: 256 + 8 × slot + header.
 */
const match = { length: 8, back: 4, element: 256 + 8 * 5 + 6, extraBit: '0' };
/** Main tree for a window of 2^15: 256 literals of 9 bits, then 30 slots × 8 headers, of which one has 1 bit. */
const slots = 240;

function verbatim(bytes) {
  let bits = '0'; // no translated x86 calls
  bits += number(1, 3) + number(bytes.length, 24);
  // A length is coded as (old − new) mod 17, and all old ones are 0: 9 is code 8, 1 is code 16, 0 is code 0.
  bits += pretree(0, 8) + '1'.repeat(256);
  bits += pretree(0, 16);
  for (let element = 256; element < 256 + slots; element++) bits += element === match.element ? '1' : '0';
  bits += pretree(0, 1) + '0'.repeat(249); // the length tree, which no match needs
  for (let at = 0; at < bytes.length; ) {
    const end = at + match.length;
    const fits = at >= match.back && end <= bytes.length;
    if (fits && bytes.subarray(at, end).equals(bytes.subarray(at - match.back, end - match.back))) {
      bits += `0${match.extraBit}`;
      at = end;
    } else {
      bits += number(256 + bytes[at], 9); // canonical: the code of one bit is 0, the literals follow from 100000000
      at++;
    }
  }
  const words = bits.padEnd(Math.ceil(bits.length / 16) * 16, '0').match(/.{16}/g);
  return Buffer.from(new Uint16Array(words.map((word) => Number.parseInt(word, 2))).buffer);
}

writeFileSync(
  new URL('lzx-verbatim.cab', import.meta.url),
  cabinet({ 'stream.x64.x-none.hash': content }, 'lzx', verbatim),
);
