import type { Registry } from './port.js';
import { readFact } from './registry-values.js';

/** Keys that are there only while Windows waits for a restart: of component servicing, and of Windows Update. */
export const restartMarkers = [
  'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending',
  'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired',
] as const;

/** https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefileexw: files to replace at the next start. */
const sessionManagerKey = 'SYSTEM\\CurrentControlSet\\Control\\Session Manager';
const renames = 'PendingFileRenameOperations';

/** What says that Windows waits for a restart; of files to be replaced only those of Office count, as others are common. */
export async function restartPending(registry: Registry): Promise<string[]> {
  const [sessionManager, ...keys] = await Promise.all(
    [sessionManagerKey, ...restartMarkers].map((key) => readFact(registry, key)),
  );
  const files = sessionManager?.text(renames) ?? '';
  const ofOffice = /\\(Microsoft Office|ClickToRun)\\/i.test(files);
  return [
    ...restartMarkers.filter((_, index) => keys[index]?.exists).map((key) => `HKLM\\${key}`),
    ...(ofOffice ? [`HKLM\\${sessionManagerKey}: ${renames}`] : []),
  ];
}
