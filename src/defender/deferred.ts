import { type Clock, deadline, untilAborted } from '../base/run.js';

/** A promise that is settled from elsewhere. (`Promise.withResolvers` is not in Node 20.) */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Waits until `promise` settles, either way, but no longer than `ms`; gives whether it did. */
export async function settlesWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const limit = deadline({ signal: new AbortController().signal, clock }, ms);
  try {
    await untilAborted(promise, limit.signal);
    return true;
  } catch {
    return !limit.passed;
  } finally {
    limit.end();
  }
}
