import koffi = require('koffi');

import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import type { DllTable } from '../abi/native.js';
import { bind, type Functions } from './native.js';

const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;
const MAX_PATH = 260;

// The one DLL that is named without its path: Windows maps it into every process before the first instruction, so that
// nothing is searched for. It is needed to find out where all others are.
const kernel32 = bind(koffi.load('kernel32.dll'), kernel32Table);

// From here on not even what a DLL itself needs is looked for in the current directory, PATH or beside node.exe.
kernel32.SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);

/** For example `C:\Windows\System32`, from Windows and not from the environment, which a caller may have set. */
export const systemDirectory = readSystemDirectory();

function readSystemDirectory(): string {
  const buffer = Buffer.alloc(MAX_PATH * 2);
  const length = kernel32.GetSystemDirectoryW(buffer, MAX_PATH);
  return buffer.toString('utf16le', 0, length * 2);
}

const loaded = new Map<DllTable, unknown>();

/** The functions of a DLL of Windows itself, loaded from System32 by its full path and kept for the life of the process. */
export function loadSystemDll<T extends DllTable>(name: `${string}.dll`, table: T): Functions<T> {
  const known = loaded.get(table);
  if (known) return known as Functions<T>;
  const functions = bind(koffi.load(`${systemDirectory}\\${name}`), table);
  loaded.set(table, functions);
  return functions;
}
