/** Work on files, done once for each, that may begin before anybody knows for certain that it is needed. */
export class BegunEarly<T> {
  readonly #begun = new Map<string, Promise<T>>();

  constructor(readonly work: (path: string) => Promise<T>) {}

  begin(paths: readonly string[]): void {
    // A failure is for the one who asks for the file.
    for (const path of paths) this.of(path).catch(() => undefined);
  }

  of(path: string): Promise<T> {
    const begun = this.#begun.get(path) ?? this.work(path);
    this.#begun.set(path, begun);
    return begun;
  }
}
