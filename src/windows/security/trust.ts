import { win32 } from 'node:path';

import koffi = require('koffi');

import { Failure } from '../../base/failure.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import type { DllTable } from '../abi/native.js';
import { loadSystemDll, systemDirectory } from '../native/dll.js';
import { lastErrorOf } from '../native/failed-calls.js';
import { bind, type Functions } from '../native/native.js';
import { knownFolder } from '../system/known-folder.js';
import { changingRights, replacingRights, untrustedWith } from './acl.js';
import { administrators, currentUser, localSystem, securityOf } from './security.js';

/** https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-service-accounts: the owner of Windows' own files. */
const trustedInstaller = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
/** NT SERVICE\WinDefend, which puts Defender's platforms in their folders and runs as SYSTEM anyway. */
const winDefend = 'S-1-5-80-1913148863-3492339771-4165695881-2087618961-4109116736';

const INVALID_FILE_ATTRIBUTES = 0xffffffff;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;

/** Those that can do anything on this machine, and ourselves. */
const trustedOwners = () => [localSystem, administrators, trustedInstaller, currentUser()];
const trustedWriters = () => [...trustedOwners(), winDefend];

/**
 * How somebody without administrator rights could change what lies at a plain local path; null where nobody could. From
 * `path` up to `top`, which is it or a folder on its way, nobody else may change anything; what lies above, up to the drive,
 * may get new neighbours, as ProgramData does, but must not be replaceable. No part may be a link or mount point.
 */
function changeFault(path: string, top: string): string | null {
  const { GetFileAttributesW } = loadSystemDll('kernel32.dll', kernel32Table);
  for (let step = path; ; step = win32.dirname(step)) {
    const isDrive = win32.dirname(step) === step;
    const attributes = GetFileAttributesW(step);
    if (attributes === INVALID_FILE_ATTRIBUTES) throw lastErrorOf(`GetFileAttributesW(${step})`);
    if (!isDrive && attributes & FILE_ATTRIBUTE_REPARSE_POINT) return `${step} is a link or mount point`;
    const rights = step.length >= top.length ? changingRights : replacingRights;
    const other = untrustedWith(rights, securityOf(step), trustedWriters());
    if (other !== null) return `${step} can be changed by ${other}, who is not an administrator`;
    if (isDrive) return null;
  }
}

/** Whether a path is not a UNC or device path, not relative, and has no `..` and no forward slashes. */
function isPlainLocalPath(path: string): boolean {
  return /^[A-Za-z]:\\/.test(path) && win32.normalize(path) === path;
}

/**
 * Refuses, as AccessDenied, a program file that somebody without administrator rights could replace: by its own permissions
 * or by those of a folder above it. What runs as SYSTEM must not come from there.
 */
export function requireUnchangeable(path: string): void {
  if (!isPlainLocalPath(path)) throw notUsed(path, 'it is not a plain local path');
  // Below the drive, whose root lets users make folders on most machines; or the root itself for a file that lies there.
  let top = win32.dirname(path);
  while (win32.dirname(win32.dirname(top)) !== win32.dirname(top)) top = win32.dirname(top);
  const fault = changeFault(path, top);
  if (fault !== null) throw notUsed(path, fault);
}

/** The same for a file or folder of our own, which must belong to an administrator, too. */
export function requireOwn(path: string): void {
  const fault = changeFault(path, path);
  if (fault !== null) throw notUsed(path, fault);
  const { owner } = securityOf(path);
  if (!trustedOwners().includes(owner)) throw notUsed(path, `it belongs to ${owner}, who is not an administrator`);
}

function notUsed(path: string, reason: string): Failure {
  return new Failure('AccessDenied', `${path} is not used: ${reason}.`, {
    path,
    reason,
    recommendation:
      'Install the bridge and Node where only administrators may write, such as Program Files, or repair the permissions.',
  });
}

/** Folders in which Windows lets only administrators and itself write. */
function protectedRoots(): readonly string[] {
  return [
    systemDirectory,
    knownFolder('programFiles'),
    knownFolder('programFilesCommon'),
    `${knownFolder('programData')}\\Microsoft\\Windows Defender\\Platform`,
  ];
}

/**
 * Refuses, as NotAvailable, a DLL that somebody without administrator rights could have put there: one outside the protected
 * roots, behind a link or mount point, or one that others may replace, itself or a folder on the way to it.
 */
export function requireProtected(path: string): void {
  // The comparison below would miss `..` and forward slashes.
  if (!isPlainLocalPath(path)) throw notLoaded(path, 'its path is not a plain local one');
  const inside = (root: string) => path.toLowerCase().startsWith(`${root.toLowerCase()}\\`);
  const root = protectedRoots().find(inside);
  if (root === undefined) throw notLoaded(path, 'it lies outside the folders where only administrators can write');
  const fault = changeFault(path, root);
  if (fault !== null) throw notLoaded(path, fault);
}

function notLoaded(path: string, reason: string): Failure {
  return new Failure('NotAvailable', `${path} is not loaded: ${reason}.`, {
    reason,
    path,
    recommendation: 'Find out who put this file there or changed its permissions, then repair the installation.',
  });
}

/** The functions of a DLL outside of System32, by its full path and after `requireProtected`. */
export function loadProtectedDll<T extends DllTable>(path: string, table: T): Functions<T> {
  requireProtected(path);
  const library = koffi.load(path);
  try {
    return bind(library, table);
  } catch (error) {
    // Windows would give the same one again, whatever lies there by then.
    library.unload();
    throw error;
  }
}
