import { hresultName, unsigned } from '../base/hresult.js';
import { generalAdvice } from '../base/hresult-error.js';

/**
 * HRESULTs of facility 0x50, Defender's own, spelled as Microsoft's table spells them (ERR_ or ERROR_ by turns).
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus
 */
const ownNames: ReadonlyMap<number, string> = new Map([
  [0x80501000, 'ERROR_MP_UI_CONSOLIDATION_BASE'],
  [0x80501001, 'ERROR_MP_ACTIONS_FAILED'],
  [0x80501002, 'ERROR_MP_NOENGINE'],
  [0x80501003, 'ERROR_MP_ACTIVE_THREATS'],
  [0x80501004, 'ERROR_MP_NO_INTERNET_CONN'],
  [0x80501101, 'ERROR_LUA_CANCELLATION'],
  [0x80501102, 'MP_ERROR_CODE_ALREADY_SHUTDOWN'],
  [0x80501103, 'MP_ERROR_CODE_RDEVICE_S_ASYNC_CALL_PENDING'],
  [0x80501104, 'MP_ERROR_CODE_CANCELLED'],
  [0x80501105, 'MP_ERROR_CODE_NO_TARGETOS'],
  [0x80501106, 'MP_ERROR_CODE_BAD_REGEXP'],
  [0x80501107, 'MP_ERROR_TEST_INDUCED_ERROR'],
  [0x80501108, 'MP_ERROR_SIG_BACKUP_DISABLED'],
  [0x80508001, 'ERR_MP_BAD_INIT_MODULES'],
  [0x80508002, 'ERR_MP_BAD_DATABASE'],
  [0x80508004, 'ERR_MP_BAD_UFS'],
  [0x80508007, 'ERR_MP_NO_MEMORY'],
  [0x8050800c, 'ERR_MP_BAD_INPUT_DATA'],
  [0x8050800d, 'ERR_MP_BAD_GLOBAL_STORAGE'],
  [0x8050800e, 'ERR_MP_OBSOLETE'],
  [0x8050800f, 'ERR_MP_NOT_SUPPORTED'],
  [0x80508010, 'ERR_MP_NO_MORE_ITEMS'],
  [0x80508011, 'ERR_MP_DUPLICATE_SCANID'],
  [0x80508012, 'ERR_MP_BAD_SCANID'],
  [0x80508013, 'ERR_MP_BAD_USERDB_VERSION'],
  [0x80508014, 'ERR_MP_RESTORE_FAILED'],
  [0x80508016, 'ERR_MP_BAD_ACTION'],
  [0x80508017, 'ERR_MP_REMOVE_FAILED'],
  [0x80508018, 'ERR_MP_SCAN_ABORTED'],
  [0x80508019, 'ERR_MP_NOT_FOUND'],
  [0x80508020, 'ERR_MP_BAD_CONFIGURATION'],
  [0x80508021, 'ERR_MP_QUARANTINE_FAILED'],
  [0x80508022, 'ERR_MP_REBOOT_REQUIRED'],
  [0x80508023, 'ERR_MP_THREAT_NOT_FOUND'],
  [0x80508024, 'ERR_MP_FULL_SCAN_REQUIRED'],
  [0x80508025, 'ERR_MP_MANUAL_STEPS_REQUIRED'],
  [0x80508026, 'ERR_MP_REMOVE_NOT_SUPPORTED'],
  [0x80508027, 'ERR_MP_REMOVE_LOW_MEDIUM_DISABLED'],
  [0x80508029, 'ERROR_MP_RESCAN_REQUIRED'],
  [0x80508030, 'ERROR_MP_CALLISTO_REQUIRED'],
  [0x80508031, 'ERROR_MP_PLATFORM_OUTDATED'],
  [0x80509001, 'ERR_RELO_BAD_EHANDLE'],
  [0x80509003, 'ERR_RELO_KERNEL_NOT_LOADED'],
  [0x8050a001, 'ERR_MP_BADDB_OPEN'],
  [0x8050a002, 'ERR_MP_BADDB_HEADER'],
  [0x8050a003, 'ERR_MP_BADDB_OLDENGINE'],
  [0x8050a004, 'ERR_MP_BADDB_CONTENT'],
  [0x8050a005, 'ERR_MP_BADDB_NOTSIGNED'],
]);

const service =
  'Start the service WinDefend; it stays off where another antivirus or a policy has turned Defender off, which defender/status shows.';
const network = 'Check the network, the proxy and the name resolution of this machine, or choose another source.';
const wsus = 'Check that the WSUS server and the proxy can be reached from this machine, or choose another source.';
const busy = 'Another update or installation is running; try again when it has ended.';
const aborted = 'Something else ended the update; run it again.';
const signature = 'The offered signatures cannot be used; choose another source, or renew the files on the share.';
const windowsUpdate = 'Enable and start the Windows Update service (wuauserv), or choose http or unc as the source.';

/** Where the advice of the code's family is not what helps an update of signatures. */
const advice: ReadonlyMap<number, string> = new Map([
  [0x800106ba, service],
  [0x800106be, service],
  [0x800706ba, service],
  [0x800706be, service],
  [0x80004004, aborted],
  [0x80070652, busy],
  [0x80070002, 'The source does not have the update; check its path and who may read it.'],
  [0x80070003, 'The source does not have the update; check its path and who may read it.'],
  [0x80070035, 'The server of the share was not found: check its name, the network and the firewall.'],
  [0x80070043, 'The server has no share of that name: check DefinitionUpdateFileSharesSources.'],
  [0x80070422, windowsUpdate],
  [
    0x8007052e,
    'The server refused the logon: check the trust of this computer with its domain, and the rights on the share.',
  ],
  [0x8007064a, 'Correct FallbackOrder: one of its names is not a source; defender/status shows which.'],
  [0x800b0100, signature],
  [0x80501002, 'No engine is loaded; reset the platform with MpCmdRun.exe -ResetPlatform.'],
  [0x80501004, network],
  [0x80501101, aborted],
  [0x80501104, aborted],
  [0x80508002, signature],
  [0x80508007, 'Free memory, then run the update again.'],
  [0x80508022, 'Restart Windows, then run the update again.'],
  [0x80508031, 'Update the Defender platform first: install KB4052623 from Windows Update.'],
  [0x8050a001, signature],
  [0x8050a002, signature],
  [0x8050a003, 'The source offers an older engine than the installed one; renew the source.'],
  [0x8050a004, signature],
  [0x8050a005, signature],
  [0x8024000b, aborted],
  [0x80240016, busy],
  [0x80240017, 'Choose another source; this one has no update for this machine.'],
  [0x8024001e, windowsUpdate],
  [0x80240022, 'Look at event 20 of Windows Update for the cause, or choose http as the source.'],
  [0x80240024, 'Approve the definition updates in WSUS, or choose another source.'],
  [0x8024002e, 'A policy keeps Windows Update from this source; choose http, managed or unc as the source.'],
  [0x80240438, network],
  [0x80244010, wsus],
  [0x80244018, wsus],
  [0x80244019, wsus],
  [0x8024401c, wsus],
  [0x80244022, wsus],
  [0x8024402c, network],
  [0x80246007, network],
  [0x80246008, 'Start the service BITS, or choose http or unc as the source.'],
  [0x80072ee2, network],
  [0x80072ee7, network],
  [0x80072efd, network],
]);

/** What the same HRESULT means where the signatures come from a file share. */
const shareAdvice: ReadonlyMap<number, string> = new Map([
  [
    0x80070005,
    'Give the computer account (DOMAIN\\COMPUTER$) read access to the share and to its folder: Defender reads it as SYSTEM.',
  ],
  [
    0x80070002,
    'The share has no mpam-fe.exe for this architecture: check the folder in DefinitionUpdateFileSharesSources.',
  ],
  [0x80070003, 'The folder on the share was not found: check DefinitionUpdateFileSharesSources.'],
]);

const unknown =
  'Choose another source, and look at event 2001 of Microsoft-Windows-Windows Defender/Operational and at C:\\Windows\\Temp\\MpSigStub.log.';

/** For example `ERR_MP_BADDB_NOTSIGNED`; null for a code that no table names. */
export function failureName(hresult: number): string | null {
  const code = unsigned(hresult);
  return ownNames.get(code) ?? hresultName(hresult);
}

/** What to do about an update that ended with this HRESULT: one sentence. */
export function failureRecommendation(hresult: number, fromShare = false): string {
  return (fromShare && shareAdvice.get(unsigned(hresult))) || (knownRecommendation(hresult) ?? unknown);
}

/** The same; null for a code about which nothing is known. What is true of updates goes before what is generally so. */
export function knownRecommendation(hresult: number): string | null {
  return advice.get(unsigned(hresult)) ?? generalAdvice(hresult);
}
