import { Failure } from '../base/failure.js';
import { E_ACCESSDENIED, E_FAIL, E_UNEXPECTED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Log } from '../base/log.js';
import { contentKey } from '../contract/types.js';
import { folderReader } from './folder-reader.js';
import { fromErrno } from './hresults.js';
import { httpReader } from './http-reader.js';
import { CopyFault, type SourceReader } from './source-reader.js';
import type { SourceTable } from './source-table.js';
import type { Verify } from './transfer.js';
import { createVerifier } from './verifier.js';

/** A content source that is open. */
export interface OpenSource {
  readonly reader: SourceReader;
  readonly verify: Verify;
}

/** The registered content sources, opened as they are asked for and kept open. The table is read anew each time. */
export class Sources {
  readonly #opened = new Map<string, OpenSource>();

  constructor(
    private readonly readTable: () => Promise<SourceTable>,
    private readonly log: Log,
  ) {}

  /** Null where nothing of that name is registered. */
  async find(contentId: string): Promise<OpenSource | null> {
    const { contents } = await this.readTable().catch((error) => {
      throw tableFault(error);
    });
    const registered = contents.find((source) => contentKey(source.contentId) === contentKey(contentId));
    if (!registered) return null;
    const { path, baseUrl } = registered;
    const place = path ?? baseUrl;
    if (place === null) return null;
    const known = this.#opened.get(place);
    if (known) return known;
    const reader = path !== null ? folderReader(path) : httpReader(place, this.log);
    const source = { reader, verify: createVerifier() };
    this.#opened.set(place, source);
    return source;
  }

  close(): void {
    for (const { reader } of this.#opened.values()) reader.close();
    this.#opened.clear();
  }
}

/** Why the place of a source is not known. A registration may just be replacing the table; then it is there soon. */
function tableFault(error: unknown): unknown {
  if (error instanceof Failure) {
    const hresult = error.data.type === 'AccessDenied' ? E_ACCESSDENIED : E_FAIL;
    return new CopyFault('generalQueueManager', hresult, error.message);
  }
  if (error instanceof HResultError)
    return new CopyFault('generalQueueManager', error.hresult, `${error.source}: ${error.message}`, true);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const message = `The source table cannot be read: ${code}.`;
  return new CopyFault('generalQueueManager', fromErrno(code, E_UNEXPECTED), message, true);
}
