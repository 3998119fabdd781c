import type { DllTable } from './native.js';

export const kernel32 = {
  // https://learn.microsoft.com/windows/win32/api/libloaderapi/nf-libloaderapi-setdefaultdlldirectories
  SetDefaultDllDirectories: ['int32', ['uint32']],
  // https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsystemdirectoryw
  GetSystemDirectoryW: ['uint32', ['void *', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-getlasterror
  GetLastError: ['uint32', []],
  // https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-formatmessagew
  FormatMessageW: ['uint32', ['uint32', 'void *', 'uint32', 'uint32', 'void *', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createdirectoryw
  CreateDirectoryW: ['int32', ['str16', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileattributesw
  GetFileAttributesW: ['uint32', ['str16']],
  // https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew
  GetDriveTypeW: ['uint32', ['str16']],
  // https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localfree
  LocalFree: ['void *', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-globalfree
  GlobalFree: ['void *', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-createnamedpipew
  CreateNamedPipeW: ['void *', ['str16', 'uint32', 'uint32', 'uint32', 'uint32', 'uint32', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openprocess
  OpenProcess: ['void *', ['uint32', 'int32', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentprocess
  GetCurrentProcess: ['void *', []],
  // https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitforsingleobject
  WaitForSingleObject: ['uint32', ['void *', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-closehandle
  CloseHandle: ['int32', ['void *']],
} as const satisfies DllTable;
