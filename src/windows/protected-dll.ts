import koffi = require('koffi');

import { win32 } from 'node:path';
import { RpcError } from '../contract/errors.js';
import { kernel32 as kernel32Table } from './abi/kernel32.js';
import type { DllTable } from './abi/native.js';
import { loadSystemDll, systemDirectory } from './dll.js';
import { lastErrorOf } from './errors.js';
import { knownFolder } from './known-folder.js';
import { bind, type Functions } from './native.js';
import { whoElseMayWrite } from './security.js';

const INVALID_FILE_ATTRIBUTES = 0xffffffff;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;

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
    new RpcError('NotAvailable', `${path} is not loaded: ${reason}.`, {
      reason,
      path,
      recommendation: 'Find out who put this file there or changed its permissions, then repair the installation.',
    });
  // Rules out UNC and device paths, relative ones, `..`, and forward slashes, which the comparisons below would miss.
  if (!/^[A-Za-z]:\\/.test(path) || win32.normalize(path) !== path) throw refuse('its path is not a plain local one');
  const inside = (root: string) => path.toLowerCase().startsWith(`${root.toLowerCase()}\\`);
  const root = protectedRoots().find(inside);
  if (root === undefined) throw refuse('it lies outside the folders where only administrators can write');
  for (let step = path; step.length >= root.length; step = win32.dirname(step)) {
    const attributes = loadSystemDll('kernel32.dll', kernel32Table).GetFileAttributesW(step);
    if (attributes === INVALID_FILE_ATTRIBUTES) throw lastErrorOf(`GetFileAttributesW(${step})`);
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) throw refuse(`${step} is a link or mount point`);
    const writer = whoElseMayWrite(step);
    if (writer !== null) throw refuse(`${step} can be changed by ${writer}, who is no administrator`);
  }
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
