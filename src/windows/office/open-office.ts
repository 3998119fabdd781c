import type { Office } from '../../c2r/port.js';
import { registry } from '../system/registry.js';
import { officeChecks } from './checks.js';
import { updateNotify } from './update-notify.js';

/** The Click-to-Run of this machine. */
export function openOffice(): Office {
  return { backend: 'windows', updates: updateNotify, registry, checks: officeChecks };
}
