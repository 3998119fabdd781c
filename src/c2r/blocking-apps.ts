import { Failure } from '../base/failure.js';
import type { Office } from './port.js';

/** The running apps that would block an Apply, as Office names them. */
export async function blockingApps({ updates }: Office): Promise<string[]> {
  return ((await updates.blockingApps()) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** The same, but none where this Office is too old to tell: then Apply itself has to find out. */
export async function knownBlockingApps(office: Office): Promise<string[]> {
  try {
    return await blockingApps(office);
  } catch (error) {
    if (error instanceof Failure && error.data.type === 'NotAvailable') return [];
    throw error;
  }
}
