import { hresultNames } from './hresult-names.js';

/**
 * Names that the headers of that table do not have yet: winerror.h's and bitsmsg.h's later ones, those of
 * https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-error-and-success-constants, and RPC's in facility 1,
 * where MpClient gives them.
 */
const furtherNames: Readonly<Record<number, string>> = {
  267035: 'SCHED_S_SOME_TRIGGERS_FAILED',
  267036: 'SCHED_S_BATCH_LOGON_PROBLEM',
  267045: 'SCHED_S_TASK_QUEUED',
  2147483659: 'E_BOUNDS',
  2147483660: 'E_CHANGED_STATE',
  2147483661: 'E_ILLEGAL_STATE_CHANGE',
  2147483662: 'E_ILLEGAL_METHOD_CALL',
  2147550906: 'RPC_S_SERVER_UNAVAILABLE',
  2147550910: 'RPC_S_CALL_FAILED',
  2147750678: 'SCHED_E_UNEXPECTEDNODE',
  2147750679: 'SCHED_E_NAMESPACE',
  2147750680: 'SCHED_E_INVALIDVALUE',
  2147750681: 'SCHED_E_MISSINGNODE',
  2147750682: 'SCHED_E_MALFORMEDXML',
  2147750685: 'SCHED_E_TOO_MANY_NODES',
  2147750686: 'SCHED_E_PAST_END_BOUNDARY',
  2147750687: 'SCHED_E_ALREADY_RUNNING',
  2147750688: 'SCHED_E_USER_NOT_LOGGED_ON',
  2147750689: 'SCHED_E_INVALID_TASK_HASH',
  2147750690: 'SCHED_E_SERVICE_NOT_AVAILABLE',
  2147750691: 'SCHED_E_SERVICE_TOO_BUSY',
  2147750692: 'SCHED_E_TASK_ATTEMPTED',
  2147750694: 'SCHED_E_TASK_DISABLED',
  2147750695: 'SCHED_E_TASK_NOT_V1_COMPAT',
  2147750696: 'SCHED_E_START_ON_DEMAND',
  2149580883: 'BG_E_VALIDATION_FAILED',
};

/**
 * Texts for codes that Windows' message table may lack or explains badly.
 * Sources: https://learn.microsoft.com/windows/win32/seccrypto/common-hresult-values,
 * https://learn.microsoft.com/windows/win32/com/com-error-codes-1 and
 * https://learn.microsoft.com/windows/win32/bits/bits-return-values.
 */
const texts: Readonly<Record<number, string>> = {
  0: 'The operation completed successfully.',
  1: 'The operation completed, and there was nothing to do.',
  2097175: 'A part of the files was transferred.',
  2097178: 'The job ended, but temporary files could not be deleted.',
  2147483662: 'A method was called at an unexpected time.',
  2147500033: 'Not implemented.',
  2147500034: 'No such interface supported.',
  2147500035: 'Invalid pointer.',
  2147500036: 'Operation aborted.',
  2147500037: 'Unspecified error.',
  2147549183: 'Catastrophic failure.',
  2147549448: 'The object invoked has disconnected from its clients.',
  2147550906: 'The RPC server is unavailable.',
  2147654730: 'Error loading type library/DLL.',
  2147746132: 'Class not registered.',
  2147746288: 'CoInitialize has not been called.',
  2147746296: 'The DLL of the class could not be found.',
  2147746297: 'The DLL of the class could not be loaded.',
  2147942402: 'The system cannot find the file specified.',
  2147942403: 'The system cannot find the path specified.',
  2147942405: 'Access is denied.',
  2147942406: 'The handle is invalid.',
  2147942414: 'Not enough memory resources are available to complete this operation.',
  2147942432: 'The process cannot access the file because another process uses it.',
  2147942487: 'The parameter is incorrect.',
  2147942512: 'There is not enough space on the disk.',
  2147942526: 'The specified module could not be found.',
  2147942593: 'The file is damaged, or for processes of another kind.',
  2147944122: 'The RPC server is unavailable.',
  2147944126: 'The remote procedure call failed.',
  2148007941: 'Server execution failed.',
  2149580801: 'The requested job was not found.',
  2149580802: 'The requested action is not allowed in the current job state.',
  2149580803: 'There are no files in this job.',
  2149580804: 'There is no file that goes with this error.',
  2149580805: 'There is no protocol that goes with this error.',
  2149580809: 'An error occurred while writing or reading the local file.',
  2149580810: 'An error occurred while reading the remote file.',
  2149580815: 'The job has no error at the moment.',
  2149580816: 'There is no network connection at the moment.',
  2149580817: 'The server did not return the size of the file.',
  2149580819: 'The server does not support ranges of a file.',
  2149580824: 'The list of proxies is too long.',
  2149580825: 'The list of hosts without proxy is too long.',
  2149580827: 'The answer of the server was not valid.',
  2149580832: 'The data is larger than the allowed size.',
  2149580833: 'The text has more characters than are allowed.',
  2149580836: 'The transfer made no progress for as long as the job allows.',
  2149580839: 'The target of the credentials is not valid.',
  2149580840: 'The scheme of the credentials is not valid.',
  2149580841: 'The requested file is not among the files of the source.',
  2149580843: 'A range of bytes is not valid or lies outside of the file.',
  2149580844: 'Ranges of bytes overlap.',
  2149580845: 'The connection to the server failed.',
  2149580883: 'The data of the source is not what its hash says.',
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

let names: ReadonlyMap<number, string> | undefined;

/** For example `E_ACCESSDENIED`; null for a code that Windows' headers do not name. */
export function hresultName(hresult: number): string | null {
  names ??= parseNames(hresultNames);
  const code = unsigned(hresult);
  return names.get(code) ?? furtherNames[code] ?? null;
}

function parseNames(table: string): Map<number, string> {
  const parsed = new Map<number, string>();
  let code = 0;
  for (const word of table.trim().split(/\s+/)) {
    if (/^\d/.test(word)) code = Number.parseInt(word, 16);
    else parsed.set(code++, word);
  }
  return parsed;
}

/** A sentence for a code, for where Windows' own message table is not at hand or does not have it. */
export function hresultText(hresult: number): string | null {
  return texts[unsigned(hresult)] ?? null;
}

export const S_OK = 0;
export const S_FALSE = 1;
export const E_NOTIMPL = signed(0x80004001);
export const E_POINTER = signed(0x80004003);
export const E_FAIL = signed(0x80004005);
export const E_UNEXPECTED = signed(0x8000ffff);
export const E_NOINTERFACE = signed(0x80004002);
export const E_ACCESSDENIED = signed(0x80070005);
export const E_HANDLE = signed(0x80070006);
export const E_INVALIDARG = signed(0x80070057);
export const E_OUTOFMEMORY = signed(0x8007000e);
export const E_ILLEGAL_METHOD_CALL = signed(0x8000000e);
export const REGDB_E_CLASSNOTREG = signed(0x80040154);
export const RPC_E_DISCONNECTED = signed(0x80010108);
export const RPC_S_SERVER_UNAVAILABLE = signed(0x800706ba);
export const CO_E_SERVER_EXEC_FAILURE = signed(0x80080005);
const RPC_S_CALL_FAILED = signed(0x800706be);

/** What a call into a COM server gives that is going away, gone, or not up again yet. */
export const serverGoneCodes: ReadonlySet<number> = new Set([
  RPC_S_SERVER_UNAVAILABLE,
  RPC_S_CALL_FAILED,
  RPC_E_DISCONNECTED,
  CO_E_SERVER_EXEC_FAILURE,
]);
