import { win32 } from 'node:path';
import { Failure } from '../../base/failure.js';
import { changeFault, isPlainLocalPath } from './change-fault.js';
import { foreignOwner } from './security.js';

/**
 * Refuses, as AccessDenied, a program file that somebody without administrator rights could replace: by its own permissions
 * or by those of a folder above it. What runs as SYSTEM must not come from there.
 */
export function requireUnchangeable(path: string): void {
  if (!isPlainLocalPath(path)) throw refusal(path, 'it is no plain local path');
  // Below the drive, whose root lets users make folders on most machines; or the root itself for a file that lies there.
  let top = win32.dirname(path);
  while (win32.dirname(win32.dirname(top)) !== win32.dirname(top)) top = win32.dirname(top);
  refuseChangeable(path, top);
}

/** The same for a file or folder of our own. */
export function requireOwn(path: string): void {
  refuseChangeable(path, path);
  const owner = foreignOwner(path);
  if (owner !== null) throw refusal(path, `it belongs to ${owner}, who is no administrator`);
}

function refuseChangeable(path: string, top: string): void {
  const fault = changeFault(path, top);
  if (fault !== null) throw refusal(path, fault);
}

function refusal(path: string, reason: string): Failure {
  return new Failure('AccessDenied', `${path} is not used: ${reason}.`, {
    path,
    reason,
    recommendation:
      'Install the bridge and Node where only administrators may write, such as Program Files, or repair the permissions.',
  });
}
