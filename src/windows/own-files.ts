import { win32 } from 'node:path';
import { RpcError } from '../contract/errors.js';
import { kernel32 as kernel32Table } from './abi/kernel32.js';
import { loadSystemDll } from './dll.js';
import { lastErrorOf } from './errors.js';
import { foreignOwner, whoElseMayWrite } from './security.js';

const INVALID_FILE_ATTRIBUTES = 0xffffffff;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;

/**
 * Refuses, as AccessDenied, a program file that somebody without administrator rights could replace: by its own permissions
 * or by those of a folder above it. What runs as SYSTEM must not come from there.
 */
export function requireUnchangeable(path: string): void {
  if (!/^[A-Za-z]:\\/.test(path) || win32.normalize(path) !== path) throw refusal(path, 'it is no plain local path');
  // The root itself lets users make folders on most machines, which replaces nothing that is there.
  for (let step = path; win32.dirname(step) !== step; step = win32.dirname(step)) requireOwn(path, step);
}

/** The same for a folder of our own with what lies in it; what lies above it cannot be replaced by others. */
export function requireOwnFolder(path: string): void {
  requireOwn(path, path);
  const owner = foreignOwner(path);
  if (owner !== null) throw refusal(path, `it belongs to ${owner}, who is no administrator`);
}

function requireOwn(path: string, step: string): void {
  const attributes = loadSystemDll('kernel32.dll', kernel32Table).GetFileAttributesW(step);
  if (attributes === INVALID_FILE_ATTRIBUTES) throw lastErrorOf(`GetFileAttributesW(${step})`);
  if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) throw refusal(path, `${step} is a link or mount point`);
  const writer = whoElseMayWrite(step);
  if (writer !== null) throw refusal(path, `${step} can be changed by ${writer}, who is no administrator`);
}

function refusal(path: string, reason: string): RpcError {
  return new RpcError('AccessDenied', `${path} is not used: ${reason}.`, {
    path,
    reason,
    recommendation:
      'Install the bridge and Node where only administrators may write, such as Program Files, or repair the permissions.',
  });
}
