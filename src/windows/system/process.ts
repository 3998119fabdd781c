import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastError } from '../native/failed-calls.js';

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
  // A blocking wait would occupy one of the four pool threads.
  const timer = setInterval(() => {
    if (kernel32.WaitForSingleObject(handle, 0) !== WAIT_OBJECT_0) return;
    stop();
    onExit();
  }, intervalMs).unref();
  return stop;
}
