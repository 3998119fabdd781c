import { Failure } from '../base/failure.js';
import type { Office } from './port.js';

/** The list that an Office gave last, taken apart: while an update waits for people it is the same at each look. */
const known = new WeakMap<Office['updates'], { readonly list: string; readonly apps: readonly string[] }>();

/** The running apps that would block an Apply, as Office names them. */
export async function blockingApps({ updates }: Office, signal: AbortSignal): Promise<string[]> {
  const list = (await updates.blockingApps(signal)) ?? '';
  let last = known.get(updates);
  if (last?.list !== list) {
    const names = list.split(',').map((name) => name.trim());
    last = { list, apps: names.filter(Boolean) };
    known.set(updates, last);
  }
  return [...last.apps];
}

/** The same, but none where this Office is too old to tell: then Apply itself has to find out. */
export async function knownBlockingApps(office: Office, signal: AbortSignal): Promise<string[]> {
  try {
    return await blockingApps(office, signal);
  } catch (error) {
    if (error instanceof Failure && error.data.type === 'NotAvailable') return [];
    throw error;
  }
}
