import { advapi32 as advapi32Table } from '../abi/advapi32.js';
import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastError, lastErrorOf } from '../native/failed-calls.js';
import { pointerAt, pointerSlot } from '../native/native.js';

/** BUILTIN\Administrators. https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
const administrators = 'S-1-5-32-544';

const SYNCHRONIZE = 0x100000;
const WAIT_OBJECT_0 = 0;
const ERROR_INVALID_PARAMETER = 87;
const intervalMs = 1000;

/**
 * Calls `onExit` once when the process has ended, at most a second late; asks its handle, so that a new process with the
 * same number is not taken for it. Does nothing for a process that we may not watch. The result stops the watch.
 */
export function watchProcess(pid: number, onExit: () => void): () => void {
  const kernel32 = loadSystemDll('kernel32.dll', kernel32Table);
  const handle = kernel32.OpenProcess(SYNCHRONIZE, 0, pid);
  if (handle === null) {
    // What Windows says about a number that no process has; with any other error the process lives.
    if (lastError() === ERROR_INVALID_PARAMETER) setImmediate(onExit);
    return () => undefined;
  }
  let watching = true;
  const stop = () => {
    // A second CloseHandle could hit a handle that got the same number since.
    if (!watching) return;
    watching = false;
    clearInterval(timer);
    kernel32.CloseHandle(handle);
  };
  // A blocking wait would hold one of the four pool threads for good.
  const timer = setInterval(() => {
    if (kernel32.WaitForSingleObject(handle, 0) !== WAIT_OBJECT_0) return;
    stop();
    onExit();
  }, intervalMs).unref();
  return stop;
}

/** Whether this process has the rights of an administrator, which SYSTEM has too, and a filtered UAC token has not. */
export function isElevated(): boolean {
  const advapi32 = loadSystemDll('advapi32.dll', advapi32Table);
  const slot = pointerSlot();
  if (!advapi32.ConvertStringSidToSidW(administrators, slot)) throw lastErrorOf('ConvertStringSidToSidW');
  const sid = pointerAt(slot);
  const member = Buffer.alloc(4);
  try {
    if (!advapi32.CheckTokenMembership(null, sid, member)) throw lastErrorOf('CheckTokenMembership');
    return member.readInt32LE(0) !== 0;
  } finally {
    loadSystemDll('kernel32.dll', kernel32Table).LocalFree(sid);
  }
}
