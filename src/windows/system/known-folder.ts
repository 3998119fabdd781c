import { ole32 as ole32Table } from '../abi/ole32.js';
import { knownFolders, shell32 as shell32Table } from '../abi/shell32.js';
import { loadSystemDll } from '../native/dll.js';
import { checkHResult } from '../native/failed-calls.js';
import { guidBytes } from '../native/guid.js';
import { pointerAt, pointerSlot, textAt } from '../native/native.js';

type Name = keyof typeof knownFolders;

const paths = new Map<Name, string>();

/**
 * The path of a folder of this machine, from Windows and not from the environment; without a trailing backslash. Asked for
 * once: Windows does not move these while it runs.
 */
export function knownFolder(name: Name): string {
  const path = paths.get(name) ?? askWindows(name);
  paths.set(name, path);
  return path;
}

function askWindows(name: Name): string {
  const shell32 = loadSystemDll('shell32.dll', shell32Table);
  const ole32 = loadSystemDll('ole32.dll', ole32Table);
  const slot = pointerSlot();
  const hresult = shell32.SHGetKnownFolderPath(guidBytes(knownFolders[name]), 0, null, slot);
  const path = pointerAt(slot);
  try {
    checkHResult('SHGetKnownFolderPath', hresult);
    return path === null ? '' : textAt(path);
  } finally {
    // The documentation asks for this also after a failure.
    ole32.CoTaskMemFree(path);
  }
}
