import { Failure } from '../base/failure.js';
import { E_ACCESSDENIED, E_FAIL, E_UNEXPECTED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Log } from '../base/log.js';
import type { Clock } from '../base/run.js';
import { type ContentTable, contentKey } from './content-table.js';
import { folderOrigin } from './folder-origin.js';
import { fromErrno } from './hresults.js';
import { httpOrigin } from './http-origin.js';
import { CopyFault, type Origin } from './origin.js';
import type { Verify } from './transfer.js';
import { createVerifier } from './verifier.js';

interface Content {
  readonly origin: Origin;
  readonly verify: Verify;
}

/** The registered contents, opened as they are asked for and kept open. The table is read anew each time. */
export class Contents {
  readonly #opened = new Map<string, Content>();

  constructor(
    private readonly readTable: () => Promise<ContentTable>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Null where nothing of that name is registered. */
  async find(contentId: string): Promise<Content | null> {
    const { contents } = await this.readTable().catch((error) => {
      throw tableFault(error);
    });
    const registered = contents.find((content) => contentKey(content.contentId) === contentKey(contentId));
    if (!registered) return null;
    const { path, baseUrl } = registered;
    const source = path ?? baseUrl;
    if (source === null) return null;
    const known = this.#opened.get(source);
    if (known) return known;
    const origin = path !== null ? folderOrigin(path) : httpOrigin(source, this.clock, this.log);
    const content = { origin, verify: createVerifier() };
    this.#opened.set(source, content);
    return content;
  }

  close(): void {
    for (const { origin } of this.#opened.values()) origin.close();
    this.#opened.clear();
  }
}

/** Why nobody can say where a content comes from. A registration may just be replacing the table; then it is there soon. */
function tableFault(error: unknown): unknown {
  if (error instanceof Failure) {
    const hresult = error.data.type === 'AccessDenied' ? E_ACCESSDENIED : E_FAIL;
    return new CopyFault('generalQueueManager', hresult, error.message);
  }
  if (error instanceof HResultError)
    return new CopyFault('generalQueueManager', error.hresult, `${error.source}: ${error.message}`, true);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const message = `The content table cannot be read: ${code}.`;
  return new CopyFault('generalQueueManager', fromErrno(code, E_UNEXPECTED), message, true);
}
