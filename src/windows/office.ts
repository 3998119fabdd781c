import type { Office } from '../c2r/update-notify.js';
import { officeChecks } from './office-checks.js';
import { registry } from './registry.js';
import { updateNotify } from './update-notify.js';

/** The Click-to-Run of this machine. */
export function openOffice(): Office {
  return { backend: 'windows', updates: updateNotify, registry, checks: officeChecks };
}
