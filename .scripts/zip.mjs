// Writes zip files that depend on nothing but their content: entries in order of name, one time stamp for all, no owners, and
// a deflate of JavaScript, where zlib's output changes with the version of Node and with the processor.
import { zipSync } from 'fflate';

/**
 * The bytes of a zip with the given files: path with forward slashes → content.
 * @param {Readonly<Record<string, Uint8Array>>} files
 */
export function zip(files) {
  // The earliest date that a zip can hold. Its fields have no time zone, and fflate takes them from the local time.
  const mtime = new Date(1980, 0, 1);
  // By code units, and not as a locale would sort.
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(zipSync(Object.fromEntries(sorted), { level: 9, mtime }));
}
