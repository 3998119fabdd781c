import { contentInvalid } from '../../base/content-invalid.js';
import { readCabinet } from './cabinet.js';
import { CabinetFault } from './cabinet-directory.js';

/** A digest in lower-case hex. */
export type Sha256 = string;

/**
 * The digest that a `.hash` member holds: UTF-16LE text, perhaps with a BOM, whose first line is the SHA-256 in hex of
 * any case. Null where it is something else.
 */
export function parsePublishedHash(member: Buffer): Sha256 | null {
  if (member.length % 2 !== 0) return null;
  const [line = ''] = member
    .toString('utf16le')
    .replace(/^\ufeff/, '')
    .split(/\r?\n|\r|\0/, 1);
  const digest = line.trim().toLowerCase();
  return /^[0-9a-f]{64}$/.test(digest) ? digest : null;
}

/** Where the hash of a file is published. */
export interface HashSource {
  /** The file that is to have the hash, as a path in the image. */
  readonly file: string;
  /** The cabinet, as a path in the image and on disk. */
  readonly cabinet: string;
  readonly cabinetFile: string;
  readonly member: string;
  readonly url?: string | undefined;
}

/** Reads the hash that Microsoft published for a file. Throws ContentInvalid that names the file and the cabinet. */
export async function readPublishedHash(source: HashSource): Promise<Sha256> {
  const { file, cabinet, cabinetFile, member, url } = source;
  const wanted = member.toLowerCase();
  try {
    const members = await readCabinet(cabinetFile, (name) => name.toLowerCase() === wanted);
    const [bytes] = members.values();
    if (!bytes) throw new CabinetFault(`does not hold ${member}`);
    const digest = parsePublishedHash(bytes);
    if (!digest) throw new CabinetFault(`does not hold a SHA-256 in ${member}`);
    return digest;
  } catch (error) {
    if (!(error instanceof CabinetFault)) throw error;
    throw contentInvalid(`The cabinet ${cabinet}, which should hold the hash of ${file}, ${error.message}.`, {
      file,
      cabinet,
      member,
      url,
    });
  }
}
