import { windowsRoot } from './absolute-path.js';

/**
 * Names that Windows gives to devices in every folder, with any extension.
 * https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const deviceName =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?: *\..*)?$/i;

/** Whether Windows takes a name for a device, in whatever folder. */
export function isDeviceName(name: string): boolean {
  return deviceName.test(name);
}

/** What no name on Windows has, but for the separators; the colon opens a stream. */
export const forbiddenOnWindows = /[<>:"|?*\p{Cc}]/u;

/** What keeps programs other than Node from a path on Windows; null where nothing does. */
export function windowsPathFault(path: string): string | null {
  const names = path
    .replace(windowsRoot, '')
    .replace(/^[a-z]:/i, '')
    .split(/[\\/]/);
  for (const name of names) {
    if (forbiddenOnWindows.test(name))
      return `has a name with a character that Windows does not allow: ${JSON.stringify(name)}`;
    if (/[. ]$/.test(name) && !/^\.{1,2}$/.test(name)) {
      return `has a name that ends with a dot or a space, which Windows does not allow: ${JSON.stringify(name)}`;
    }
    if (isDeviceName(name)) return `names the device ${name}`;
  }
  return null;
}
