/**
 * HRESULTs by name, with a text for those that Windows' message table may lack or explains badly.
 * Sources: winerror.h (https://learn.microsoft.com/windows/win32/seccrypto/common-hresult-values) and
 * https://learn.microsoft.com/windows/win32/com/com-error-codes-1.
 */
const known: Readonly<Record<number, readonly [name: string, text: string]>> = {
  0: ['S_OK', 'The operation completed successfully.'],
  1: ['S_FALSE', 'The operation completed, and there was nothing to do.'],
  2147500033: ['E_NOTIMPL', 'Not implemented.'],
  2147500034: ['E_NOINTERFACE', 'No such interface supported.'],
  2147500035: ['E_POINTER', 'Invalid pointer.'],
  2147500036: ['E_ABORT', 'Operation aborted.'],
  2147500037: ['E_FAIL', 'Unspecified error.'],
  2147483662: ['E_ILLEGAL_METHOD_CALL', 'A method was called at an unexpected time.'],
  2147549183: ['E_UNEXPECTED', 'Catastrophic failure.'],
  2147549448: ['RPC_E_DISCONNECTED', 'The object invoked has disconnected from its clients.'],
  2147550906: ['RPC_S_SERVER_UNAVAILABLE', 'The RPC server is unavailable.'],
  2147654730: ['TYPE_E_CANTLOADLIBRARY', 'Error loading type library/DLL.'],
  2147746132: ['REGDB_E_CLASSNOTREG', 'Class not registered.'],
  2147746296: ['CO_E_DLLNOTFOUND', 'The DLL of the class could not be found.'],
  2147746297: ['CO_E_ERRORINDLL', 'The DLL of the class could not be loaded.'],
  2147746288: ['CO_E_NOTINITIALIZED', 'CoInitialize has not been called.'],
  2147942402: ['ERROR_FILE_NOT_FOUND', 'The system cannot find the file specified.'],
  2147942403: ['ERROR_PATH_NOT_FOUND', 'The system cannot find the path specified.'],
  2147942526: ['ERROR_MOD_NOT_FOUND', 'The specified module could not be found.'],
  2147942593: ['ERROR_BAD_EXE_FORMAT', 'The file is damaged, or for processes of another kind.'],
  2147942405: ['E_ACCESSDENIED', 'Access is denied.'],
  2147942406: ['E_HANDLE', 'The handle is invalid.'],
  2147942414: ['E_OUTOFMEMORY', 'Not enough memory resources are available to complete this operation.'],
  2147942432: ['ERROR_SHARING_VIOLATION', 'The process cannot access the file because another process uses it.'],
  2147942487: ['E_INVALIDARG', 'The parameter is incorrect.'],
  2147942512: ['ERROR_DISK_FULL', 'There is not enough space on the disk.'],
  2147944122: ['RPC_S_SERVER_UNAVAILABLE', 'The RPC server is unavailable.'],
  2147944126: ['RPC_S_CALL_FAILED', 'The remote procedure call failed.'],
  2148007941: ['CO_E_SERVER_EXEC_FAILURE', 'Server execution failed.'],
  // bitsmsg.h, https://learn.microsoft.com/windows/win32/bits/bits-return-values
  2097175: ['BG_S_PARTIAL_COMPLETE', 'A part of the files was transferred.'],
  2097178: ['BG_S_UNABLE_TO_DELETE_FILES', 'The job ended, but temporary files could not be deleted.'],
  2149580801: ['BG_E_NOT_FOUND', 'The requested job was not found.'],
  2149580802: ['BG_E_INVALID_STATE', 'The requested action is not allowed in the current job state.'],
  2149580803: ['BG_E_EMPTY', 'There are no files in this job.'],
  2149580804: ['BG_E_FILE_NOT_AVAILABLE', 'There is no file that goes with this error.'],
  2149580805: ['BG_E_PROTOCOL_NOT_AVAILABLE', 'There is no protocol that goes with this error.'],
  2149580809: ['BG_E_ERROR_CONTEXT_LOCAL_FILE', 'An error occurred while writing or reading the local file.'],
  2149580810: ['BG_E_ERROR_CONTEXT_REMOTE_FILE', 'An error occurred while reading the remote file.'],
  2149580815: ['BG_E_ERROR_INFORMATION_UNAVAILABLE', 'The job has no error at the moment.'],
  2149580816: ['BG_E_NETWORK_DISCONNECTED', 'There is no network connection at the moment.'],
  2149580817: ['BG_E_MISSING_FILE_SIZE', 'The server did not return the size of the file.'],
  2149580819: ['BG_E_INSUFFICIENT_RANGE_SUPPORT', 'The server does not support ranges of a file.'],
  2149580824: ['BG_E_PROXY_LIST_TOO_LARGE', 'The list of proxies is too long.'],
  2149580825: ['BG_E_PROXY_BYPASS_LIST_TOO_LARGE', 'The list of hosts without proxy is too long.'],
  2149580827: ['BG_E_INVALID_SERVER_RESPONSE', 'The answer of the server was not valid.'],
  2149580832: ['BG_E_TOO_LARGE', 'The data is larger than the allowed size.'],
  2149580833: ['BG_E_STRING_TOO_LONG', 'The text has more characters than are allowed.'],
  2149580836: ['BG_E_NO_PROGRESS', 'The transfer made no progress for as long as the job allows.'],
  2149580839: ['BG_E_INVALID_AUTH_TARGET', 'The target of the credentials is not valid.'],
  2149580840: ['BG_E_INVALID_AUTH_SCHEME', 'The scheme of the credentials is not valid.'],
  2149580841: ['BG_E_FILE_NOT_FOUND', 'The requested file is not among the files of the source.'],
  2149580843: ['BG_E_INVALID_RANGE', 'A range of bytes is not valid or lies outside of the file.'],
  2149580844: ['BG_E_OVERLAPPING_RANGES', 'Ranges of bytes overlap.'],
  2149580845: ['BG_E_CONNECT_FAILURE', 'The connection to the server failed.'],
  2149580883: ['BG_E_VALIDATION_FAILED', 'The data of the source is not what its hash says.'],
};

/** The bits of an HRESULT as an unsigned number, however it was given. */
export function unsigned(hresult: number): number {
  return hresult >>> 0;
}

/** The same bits as the signed number that crosses the wire and that PowerShell shows. */
export function signed(hresult: number): number {
  return hresult | 0;
}

export function isFailure(hresult: number): boolean {
  return signed(hresult) < 0;
}

/** For example `0x80070005`. */
export function hresultHex(hresult: number): string {
  return `0x${unsigned(hresult).toString(16).toUpperCase().padStart(8, '0')}`;
}

/** For example `E_ACCESSDENIED`; null for a code that this table does not name. */
export function hresultName(hresult: number): string | null {
  return known[unsigned(hresult)]?.[0] ?? null;
}

/** A sentence for a code, for where Windows' own message table is not at hand. */
export function hresultText(hresult: number): string | null {
  return known[unsigned(hresult)]?.[1] ?? null;
}

export const S_OK = 0;
export const S_FALSE = 1;
export const E_NOTIMPL = signed(0x80004001);
export const E_POINTER = signed(0x80004003);
export const E_FAIL = signed(0x80004005);
export const E_UNEXPECTED = signed(0x8000ffff);
export const E_NOINTERFACE = signed(0x80004002);
export const E_ACCESSDENIED = signed(0x80070005);
export const E_INVALIDARG = signed(0x80070057);
export const E_ILLEGAL_METHOD_CALL = signed(0x8000000e);
export const REGDB_E_CLASSNOTREG = signed(0x80040154);
export const RPC_E_DISCONNECTED = signed(0x80010108);
export const RPC_S_SERVER_UNAVAILABLE = signed(0x800706ba);
export const CO_E_SERVER_EXEC_FAILURE = signed(0x80080005);
