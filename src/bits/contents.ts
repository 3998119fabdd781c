import type { Log } from '../content/log.js';
import type { Clock } from '../contract/run.js';
import { type ContentTable, contentKey } from './content-table.js';
import { folderOrigin } from './folder-origin.js';
import { httpOrigin } from './http-origin.js';
import type { Origin } from './origin.js';
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
    const { contents } = await this.readTable();
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
