import type { TakePiece } from '../content/http/response.js';
import { collisionKey } from '../content/image/image-path.js';
import type { Manifest, ManifestFile } from '../content/image/manifest.js';

/** BG_ERROR_CONTEXT. https://learn.microsoft.com/windows/win32/api/bits/ne-bits-bg_error_context */
export const errorContexts = {
  generalQueueManager: 2,
  localFile: 4,
  remoteFile: 5,
  generalTransport: 6,
} as const;
export type ErrorContext = keyof typeof errorContexts;

/** Why a file could not be transferred, as BITS tells it. */
export class CopyFault extends Error {
  override readonly name = 'CopyFault';

  constructor(
    readonly context: ErrorContext,
    readonly hresult: number,
    message: string,
    /** Whether the same may succeed later by itself. */
    readonly transient = false,
  ) {
    super(message);
  }
}

/** A file of a content source, opened for one transfer. */
export interface SourceFile {
  readonly size: number;
  /** Its place with size and time or what the server says: a different one where the bytes are different. */
  readonly version: string;
  /** Lower-case hex from the manifest of the source; null where that does not know the file. */
  readonly sha256: string | null;
  /** When it was last written, as its place tells; null where it does not. */
  readonly modified: Date | null;
  /** Hands bytes over, block by block, each valid until `take` has settled. Throws `CopyFault`, and what `take` throws. */
  read(offset: number, length: number, signal: AbortSignal, take: TakePiece): Promise<void>;
  /** The same as `sha256`, from a manifest that is read anew: a file may be newer than the one that was known. */
  recordedHash(signal: AbortSignal): Promise<string | null>;
  /** Whether it is still the version that was opened. */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** Reads the files of one content source. */
export interface SourceReader {
  /** Opens a file by its path in the source, whatever its case. Throws `CopyFault`. */
  open(path: string, signal: AbortSignal): Promise<SourceFile>;
  /** What lies in the source; null where nobody recorded it. */
  manifest(signal: AbortSignal): Promise<Manifest | null>;
  close(): void;
}

/** The files of each manifest by the keys of their paths. */
const indexes = new WeakMap<Manifest, ReadonlyMap<string, ManifestFile>>();

/** What a manifest says of a file, whatever the case of its path. */
export function entryOf(manifest: Manifest | null, path: string): ManifestFile | undefined {
  if (!manifest) return undefined;
  const index = indexes.get(manifest) ?? new Map(manifest.files.map((file) => [collisionKey(file.path), file]));
  indexes.set(manifest, index);
  return index.get(collisionKey(path));
}
