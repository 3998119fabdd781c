import { win32 } from 'node:path';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastErrorOf } from '../native/failed-calls.js';
import { whoElseMayReplace, whoElseMayWrite } from './security.js';

const INVALID_FILE_ATTRIBUTES = 0xffffffff;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;

/** Whether a path is no UNC or device path, not relative, and has no `..` and no forward slashes. */
export function isPlainLocalPath(path: string): boolean {
  return /^[A-Za-z]:\\/.test(path) && win32.normalize(path) === path;
}

/**
 * How somebody without administrator rights could change what lies at a plain local path; null where nobody could. From
 * `path` up to `top`, which is it or a folder on its way, nobody else may change anything; what lies above, up to the drive, may get new
 * neighbours, as ProgramData does, but must not be replaceable. No part may be a link or mount point.
 */
export function changeFault(path: string, top: string): string | null {
  const { GetFileAttributesW } = loadSystemDll('kernel32.dll', kernel32Table);
  for (let step = path; ; step = win32.dirname(step)) {
    const isDrive = win32.dirname(step) === step;
    const attributes = GetFileAttributesW(step);
    if (attributes === INVALID_FILE_ATTRIBUTES) throw lastErrorOf(`GetFileAttributesW(${step})`);
    if (!isDrive && attributes & FILE_ATTRIBUTE_REPARSE_POINT) return `${step} is a link or mount point`;
    const mayWrite = step.length >= top.length ? whoElseMayWrite : whoElseMayReplace;
    const other = mayWrite(step);
    if (other !== null) return `${step} can be changed by ${other}, who is no administrator`;
    if (isDrive) return null;
  }
}
