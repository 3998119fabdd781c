import type { Manifest } from '../content/image/manifest.js';

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
    /** Whether the same may succeed later without anyone's doing. */
    readonly transient = false,
  ) {
    super(message);
  }
}

/** A file of an origin, opened for one transfer. */
export interface OriginFile {
  readonly size: number;
  /** Its place with size and time or what the server says: another one where the content is another one. */
  readonly version: string;
  /** Lower-case hex from the manifest of the content; null where that does not know the file. */
  readonly sha256: string | null;
  /** Gives blocks; each of them is valid until the next one is asked for. Throws `CopyFault`. */
  read(offset: number, length: number, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Whether it is still the version that was opened. */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** Where the bytes of one content come from. */
export interface Origin {
  /** Opens a file by its path in the content, whatever its case. Throws `CopyFault`. */
  open(path: string, signal: AbortSignal): Promise<OriginFile>;
  /** What lies in the content; null where nobody recorded it. */
  manifest(signal: AbortSignal): Promise<Manifest | null>;
  close(): void;
}
