import { kernel32 as kernel32Table } from '../abi/kernel32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastError, lastErrorOf } from '../native/failed-calls.js';

const PIPE_ACCESS_INBOUND = 0x1;
const FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000;
const PIPE_REJECT_REMOTE_CLIENTS = 0x8;
/** Besides the flag, which Wine 8 does not know. */
const oneInstance = 1;
const INVALID_HANDLE_VALUE = 0xffff_ffff_ffff_ffffn;
/** ERROR_ACCESS_DENIED, as the flag has it, and ERROR_PIPE_BUSY. */
const taken: readonly number[] = [5, 231];

/** A lock that is held until `close`, or until the process ends in whatever way. */
export interface PipeLock {
  close(): void;
}

/**
 * Takes a pipe of this machine, or gives null where another process has it. A pipe of a name exists at most once and goes
 * with its process: a lock that nobody can leave behind.
 */
export function takePipe(name: string): PipeLock | null {
  const { CreateNamedPipeW, CloseHandle } = loadSystemDll('kernel32.dll', kernel32Table);
  const access = PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE;
  const path = `\\\\.\\pipe\\${name}`;
  const pipe = CreateNamedPipeW(path, access, PIPE_REJECT_REMOTE_CLIENTS, oneInstance, 0, 0, 0, null);
  if (pipe !== INVALID_HANDLE_VALUE) return { close: () => void CloseHandle(pipe) };
  if (taken.includes(lastError())) return null;
  throw lastErrorOf(`CreateNamedPipeW(${path})`);
}
