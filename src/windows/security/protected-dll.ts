import koffi = require('koffi');

import { Failure } from '../../base/failure.js';
import type { DllTable } from '../abi/native.js';
import { systemDirectory } from '../native/dll.js';
import { bind, type Functions } from '../native/native.js';
import { knownFolder } from '../system/known-folder.js';
import { changeFault, isPlainLocalPath } from './change-fault.js';

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
  const refuse = (reason: string) =>
    new Failure('NotAvailable', `${path} is not loaded: ${reason}.`, {
      reason,
      path,
      recommendation: 'Find out who put this file there or changed its permissions, then repair the installation.',
    });
  // The comparison below would miss `..` and forward slashes.
  if (!isPlainLocalPath(path)) throw refuse('its path is not a plain local one');
  const inside = (root: string) => path.toLowerCase().startsWith(`${root.toLowerCase()}\\`);
  const root = protectedRoots().find(inside);
  if (root === undefined) throw refuse('it lies outside the folders where only administrators can write');
  const fault = changeFault(path, root);
  if (fault !== null) throw refuse(fault);
}

/** The functions of a DLL that is no part of System32, by its full path and after `requireProtected`. */
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
