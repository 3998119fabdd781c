import type { MappedDrive } from '../../base/mapped-drive.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { mpr as mprTable } from '../abi/mpr.js';
import { loadSystemDll } from '../native/dll.js';

const DRIVE_REMOTE = 4;
/** Longer than any share's name that can be mapped. */
const maxName = 1024;

/** The drive of a path where it stands for a share; null where it does not, and for other paths than those with a letter. */
export function mappedDrive(path: string): MappedDrive | null {
  const [, drive, rest] = /^([A-Za-z]:)[\\/](.*)$/s.exec(path) ?? [];
  if (drive === undefined || rest === undefined) return null;
  const { GetDriveTypeW } = loadSystemDll('kernel32.dll', kernel32Table);
  if (GetDriveTypeW(`${drive}\\`) !== DRIVE_REMOTE) return null;
  const share = shareOf(drive);
  return { drive, uncPath: share && `${share}\\${rest.replaceAll('/', '\\')}` };
}

/** The share that a drive letter stands for; null where Windows does not tell. */
function shareOf(drive: string): string | null {
  const { WNetGetConnectionW } = loadSystemDll('mpr.dll', mprTable);
  const name = Buffer.alloc(maxName * 2);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(maxName);
  if (WNetGetConnectionW(drive, name, length) !== 0) return null;
  return name.toString('utf16le').split('\0', 1)[0]?.replace(/\\+$/, '') || null;
}
