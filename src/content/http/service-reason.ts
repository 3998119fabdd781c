import { withoutCredentials } from '../../base/credentials.js';
import { readText } from './read-text.js';
import type { HttpResponse } from './response.js';

/** An error that a service explains has a few hundred bytes; what is longer is not read. */
const maxBodyBytes = 64 * 1024;
const maxReasonLength = 500;

/**
 * Why a service refused, in its own words, from the JSON that it sends with the status:
 * `{"Error": {"Code": …, "Message": …}}` or one of the usual other forms. Null where it gives no reason.
 */
export async function serviceReason(response: HttpResponse, signal: AbortSignal): Promise<string | null> {
  if (!/\bjson\b/i.test(response.headers['content-type'] ?? '')) {
    response.discard();
    return null;
  }
  try {
    return reasonIn(JSON.parse(await readText(response, maxBodyBytes)));
  } catch {
    // The status says what is known then, unless nobody waits for it any more.
    signal.throwIfAborted();
    return null;
  }
}

/** The reason in the JSON of an error. */
export function reasonIn(body: unknown): string | null {
  const error = member(body, 'error');
  const holder = typeof error === 'object' && error !== null ? error : body;
  const words = ['message', 'detail', 'error_description', 'title', 'error'].map((name) => member(holder, name));
  const reason = words.find((word): word is string => typeof word === 'string' && word.trim() !== '');
  const code = member(holder, 'code');
  const named = typeof code === 'string' && code !== '' && code !== reason ? code : null;
  const text = reason === undefined ? named : named === null ? reason : `${reason} (${named})`;
  return text === null ? null : readable(text);
}

/** A member by its name in any case. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const [, found] = Object.entries(value).find(([key]) => key.toLowerCase() === name) ?? [];
  return found;
}

/** One line without secrets that a URL in it may carry. */
function readable(text: string): string {
  return withoutCredentials(text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()).slice(0, maxReasonLength);
}
