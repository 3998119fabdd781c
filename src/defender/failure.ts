import { hresultName, unsigned } from '../base/hresult.js';

/*
 * Why signature updates fail. Names of facility 0x50 are from the tables in
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus and
 * https://learn.microsoft.com/powershell/module/defender/get-mpthreatdetection, those of facility 0x24 from wuerror.h.
 */

const service =
  'Start the service WinDefend; it stays off where another antivirus or a policy has turned Defender off, which defender/status shows.';
const network = 'Check the network, the proxy and the name resolution of this machine, or choose another source.';
const busy = 'Another update or installation runs; try again when it has ended.';
const aborted = 'Something else ended the update; run it again.';
const signature = 'The offered signatures cannot be used; choose another source, or renew the files on the share.';
const policy = 'Windows Update refuses this source by policy; choose http, managed or unc as the source.';
const restart = 'Restart Windows, then run the update again.';

const failures: ReadonlyMap<number, readonly [name: string | null, recommendation: string]> = new Map([
  [0x800106ba, ['RPC_S_SERVER_UNAVAILABLE', service]],
  [0x800106be, ['RPC_S_CALL_FAILED', service]],
  [0x800706ba, [null, service]],
  [0x800706be, [null, service]],
  [0x80004004, [null, aborted]],
  [0x80070652, ['ERROR_INSTALL_ALREADY_RUNNING', busy]],
  [0x80070002, [null, 'The source does not have the update; check its path and who may read it.']],
  [0x80070005, [null, 'Run elevated: as an administrator or as SYSTEM.']],
  [0x800b0100, ['TRUST_E_NOSIGNATURE', signature]],
  [0x80501002, ['ERROR_MP_NOENGINE', 'No engine is loaded; reset the platform with MpCmdRun.exe -ResetPlatform.']],
  [0x80501004, ['ERROR_MP_NO_INTERNET_CONN', network]],
  [0x80501101, ['ERROR_LUA_CANCELLATION', aborted]],
  [0x80501104, ['MP_ERROR_CODE_CANCELLED', aborted]],
  [0x80508002, ['ERROR_MP_BAD_DATABASE', signature]],
  [0x80508007, ['ERROR_MP_NO_MEMORY', 'Free memory, then run the update again.']],
  [0x80508022, ['ERROR_MP_REBOOT_REQUIRED', restart]],
  [0x80508031, ['ERROR_MP_PLATFORM_OUTDATED', 'Update the Defender platform (KB4052623) first.']],
  [0x8050a001, ['ERROR_MP_BADDB_OPEN', signature]],
  [0x8050a002, ['ERROR_MP_BADDB_HEADER', signature]],
  [
    0x8050a003,
    ['ERROR_MP_BADDB_OLDENGINE', 'The source offers an older engine than the installed one; renew the source.'],
  ],
  [0x8050a004, ['ERROR_MP_BADDB_CONTENT', signature]],
  [0x8050a005, ['ERROR_MP_BADDB_NOTSIGNED', signature]],
  [0x80240017, ['WU_E_NOT_APPLICABLE', 'Choose another source; this one has no update for this machine.']],
  [0x8024000b, ['WU_E_CALL_CANCELLED', aborted]],
  [0x80240016, ['WU_E_INSTALL_NOT_ALLOWED', busy]],
  [0x8024001e, ['WU_E_SERVICE_STOP', 'Start the Windows Update service, or choose http or unc as the source.']],
  [
    0x80240022,
    ['WU_E_ALL_UPDATES_FAILED', 'Look at event 20 of Windows Update for the cause, or choose http as the source.'],
  ],
  [0x80240024, ['WU_E_NO_UPDATE', 'Approve the definition updates in WSUS, or choose another source.']],
  [0x8024002e, ['WU_E_WU_DISABLED', policy]],
  [0x80240438, ['WU_E_PT_ENDPOINT_UNREACHABLE', network]],
  [0x8024402c, ['WU_E_PT_WINHTTP_NAME_NOT_RESOLVED', network]],
  [0x80244022, ['WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL', network]],
  [0x80244018, ['WU_E_PT_HTTP_STATUS_DENIED', network]],
  [0x80244019, ['WU_E_PT_HTTP_STATUS_NOT_FOUND', network]],
  [0x8024401c, ['WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT', network]],
  [0x80246007, ['WU_E_DM_NOTDOWNLOADED', network]],
  [0x80072ee2, ['ERROR_WINHTTP_TIMEOUT', network]],
  [0x80072ee7, ['ERROR_WINHTTP_NAME_NOT_RESOLVED', network]],
  [0x80072efd, ['ERROR_WINHTTP_CANNOT_CONNECT', network]],
]);

const unknown =
  'Choose another source, and look at event 2001 of Microsoft-Windows-Windows Defender/Operational and at C:\\Windows\\Temp\\MpSigStub.log.';

/** For example `ERROR_MP_BADDB_NOTSIGNED`; null for a code that no table names. */
export function failureName(hresult: number): string | null {
  return hresultName(hresult) ?? failures.get(unsigned(hresult))?.[0] ?? null;
}

/** What to do about an update that ended with this HRESULT: one sentence. */
export function failureRecommendation(hresult: number): string {
  return knownRecommendation(hresult) ?? unknown;
}

/** The same; null for a code that no table names. */
export function knownRecommendation(hresult: number): string | null {
  return failures.get(unsigned(hresult))?.[1] ?? null;
}
