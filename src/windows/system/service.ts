import { advapi32 as advapi32Table } from '../abi/advapi32.js';
import { loadSystemDll } from '../native/dll.js';
import { lastError, lastErrorOf } from '../native/failed-calls.js';

const SC_MANAGER_CONNECT = 1;
const SERVICE_QUERY_STATUS = 4;
const ERROR_SERVICE_DOES_NOT_EXIST = 1060;

/** By SERVICE_STATUS.dwCurrentState. https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_status */
const states = ['unknown', 'stopped', 'starting', 'stopping', 'running', 'continuing', 'pausing', 'paused'] as const;

export type ServiceState = (typeof states)[number];

/** What a Windows service does at the moment; null where there is none of that name. */
export function serviceState(name: string): ServiceState | null {
  const advapi32 = loadSystemDll('advapi32.dll', advapi32Table);
  const manager = advapi32.OpenSCManagerW(null, null, SC_MANAGER_CONNECT);
  if (manager === null) throw lastErrorOf('OpenSCManagerW');
  try {
    const service = advapi32.OpenServiceW(manager, name, SERVICE_QUERY_STATUS);
    if (service === null) {
      if (lastError() === ERROR_SERVICE_DOES_NOT_EXIST) return null;
      throw lastErrorOf(`OpenServiceW(${name})`);
    }
    try {
      const status = Buffer.alloc(28);
      if (!advapi32.QueryServiceStatus(service, status)) throw lastErrorOf(`QueryServiceStatus(${name})`);
      return states[status.readUInt32LE(4)] ?? 'unknown';
    } finally {
      advapi32.CloseServiceHandle(service);
    }
  } finally {
    advapi32.CloseServiceHandle(manager);
  }
}
