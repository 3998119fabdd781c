import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../../base/absent.js';
import { readCabinet } from './cabinet.js';
import { CabinetFault, readDirectory } from './cabinet-directory.js';
import { collisionKey } from './image-path.js';
import { parsePublishedHash, type Sha256 } from './published-hash.js';

/** What the cabinets of an image say of the files beside them. */
export interface PublishedHashes {
  /** By `collisionKey` of the path that they belong to. */
  readonly hashes: ReadonlyMap<string, { readonly path: string; readonly sha256: Sha256 }>;
  /** Files whose hash is published in a way that cannot be read, with the reason. */
  readonly unreadable: ReadonlyMap<string, { readonly path: string; readonly reason: string }>;
  /** Cabinets that cannot be read, by path. */
  readonly faults: ReadonlyMap<string, CabinetFault>;
}

const hashName = /\.hash$/i;
/** Office names its streams like that; the version cabinets have a `.hash` of another kind. */
const streamHashName = /^stream\..+\.hash$/i;

/**
 * Reads every cabinet that holds hashes, whatever its name is. A member `stream.x64.x-none.hash` stands for the
 * `stream.x64.x-none.dat` beside its cabinet.
 */
export async function publishedHashes(
  root: string,
  cabinets: readonly string[],
  signal: AbortSignal,
): Promise<PublishedHashes> {
  const collected = new HashCollection();
  // One after another: a cabinet is in memory while it is read.
  for (const cabinet of cabinets) {
    signal.throwIfAborted();
    // One that has gone meanwhile says nothing.
    const members = await hashMembers(join(root, cabinet)).catch(absent);
    if (members) collected.add(cabinet, members);
  }
  return collected;
}

class HashCollection implements PublishedHashes {
  readonly hashes = new Map<string, { path: string; sha256: Sha256 }>();
  readonly unreadable = new Map<string, { path: string; reason: string }>();
  readonly faults = new Map<string, CabinetFault>();

  add(cabinet: string, { names, members, fault }: HashMembers): void {
    const folder = cabinet.slice(0, cabinet.lastIndexOf('/') + 1);
    const pathOf = (member: string) => `${folder}${member.replace(hashName, '.dat')}`;
    if (fault) {
      this.faults.set(cabinet, fault);
      const streams = names.filter((name) => streamHashName.test(name));
      for (const name of streams) this.#cannotProve(pathOf(name), `${cabinet} ${fault.message}`);
    }
    for (const [name, bytes] of members) {
      const sha256 = parsePublishedHash(bytes);
      if (sha256 !== null) this.#publish(pathOf(name), sha256);
      else if (streamHashName.test(name)) {
        this.#cannotProve(pathOf(name), `${cabinet} does not hold a SHA-256 in ${name}`);
      }
    }
  }

  #publish(path: string, sha256: Sha256): void {
    const key = collisionKey(path);
    const other = this.hashes.get(key);
    if (!other || other.sha256 === sha256) {
      this.hashes.set(key, { path, sha256 });
      return;
    }
    this.hashes.delete(key);
    this.#cannotProve(path, 'two cabinets publish different hashes of it');
  }

  #cannotProve(path: string, reason: string): void {
    this.unreadable.set(collisionKey(path), { path, reason });
  }
}

interface HashMembers {
  readonly names: readonly string[];
  readonly members: ReadonlyMap<string, Buffer>;
  readonly fault: CabinetFault | null;
}

async function hashMembers(file: string): Promise<HashMembers> {
  let names: string[] = [];
  try {
    names = (await memberNames(file)).filter((name) => hashName.test(name));
    const members = names.length === 0 ? new Map() : await readCabinet(file, (name) => hashName.test(name));
    return { names, members, fault: null };
  } catch (error) {
    if (!(error instanceof CabinetFault)) throw error;
    return { names, members: new Map(), fault: error };
  }
}

async function memberNames(file: string): Promise<string[]> {
  const handle = await open(file, 'r');
  try {
    const { members, isOfSet } = await readDirectory(handle, (await handle.stat()).size);
    if (isOfSet) throw new CabinetFault('is one of a set of cabinets, which is not read here', 'unsupported');
    return members.map(({ name }) => name);
  } finally {
    await handle.close();
  }
}
