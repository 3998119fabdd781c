import { hresultName } from './hresult.js';

/** What failed, in a sentence, and what to do about it, in another. */
interface Family {
  readonly text: string;
  readonly recommendation: string;
}

/**
 * Faults that ask for the same remedy, whichever of Windows' layers or of Node's names them: the one place where a general
 * recommendation stands. A feature that knows more about a code says that instead.
 */
export const faultFamilies = {
  nameResolution: {
    text: 'The name of a server could not be resolved.',
    recommendation:
      'Check the DNS servers of this machine and the name in the URL; behind a proxy the proxy resolves names.',
  },
  proxy: {
    text: 'A proxy could not be used.',
    recommendation:
      'Check the proxy of the machine (netsh winhttp show advproxy), and that it lets this account through.',
  },
  tls: {
    text: 'No secure connection to the server could be made.',
    recommendation:
      'Check the date and time of this machine, that TLS 1.2 is enabled, and whether something on the way inspects TLS with a certificate that this machine does not trust.',
  },
  connection: {
    text: 'The server did not answer, or the connection to it broke.',
    recommendation: 'Check the network, the firewall and the proxy of this machine, then try again.',
  },
  httpRefused: {
    text: 'The server or a proxy refused the request.',
    recommendation: 'Check that this machine may read from the server, and that no proxy or filter blocks the URL.',
  },
  httpMissing: {
    text: 'The server does not have the file.',
    recommendation: 'Check the URL of the source, and that it has the wanted version in full.',
  },
  serverBusy: {
    text: 'The server cannot answer the request at the moment.',
    recommendation: 'Try again later; if it stays so, choose another source.',
  },
  share: {
    text: 'The network share could not be reached.',
    recommendation: 'Check the path of the share, and that the computer account of this machine may read it.',
  },
  certificate: {
    text: 'A signature or a certificate is not trusted.',
    recommendation:
      'Check the date and time of this machine and that its root certificates are up to date; if they are, replace the file.',
  },
  serviceDisabled: {
    text: 'A service that is needed is disabled.',
    recommendation:
      'Enable and start the services that updates need: ClickToRunSvc for Office, BITS, wuauserv, CryptSvc and WinDefend.',
  },
  serviceStopped: {
    text: 'A service that is needed does not run.',
    recommendation: 'Start the service, then try again; if it does not start, look into the System event log.',
  },
  serverGone: {
    text: 'The program that serves the call has ended or does not answer.',
    recommendation: 'Try again in a minute; bridge/doctor shows whether the services are in order.',
  },
  notRegistered: {
    text: 'The COM class is not registered.',
    recommendation: 'Install or repair the program that provides it; bridge/doctor shows what is missing.',
  },
  diskFull: { text: 'There is not enough disk space.', recommendation: 'Free disk space, then try again.' },
  memory: { text: 'There is not enough memory.', recommendation: 'Close programs or restart Windows, then try again.' },
  access: { text: 'Access is denied.', recommendation: 'Run elevated: as an administrator or as SYSTEM.' },
  fileInUse: {
    text: 'A file is in use.',
    recommendation: 'Close the programs that use the file, or restart Windows, then try again.',
  },
  fileMissing: {
    text: 'A file or folder does not exist.',
    recommendation:
      'Check the path of the source and who may read it; if it is a file of a program, repair that program.',
  },
  damaged: {
    text: 'Data is damaged.',
    recommendation: 'Download the files again, or repair the installation; if it happens again, check the disk.',
  },
  wsus: {
    text: 'Windows Update is managed, and does not offer this.',
    recommendation: 'Approve the update in WSUS or change the policy for Windows Update, or choose another source.',
  },
  busy: {
    text: 'Another installation or update is running.',
    recommendation: 'Wait until the other installation or update has ended, then try again.',
  },
  installer: {
    text: 'An installer failed.',
    recommendation: 'Look at the events of MsiInstaller in the Application event log for the cause, then try again.',
  },
  restart: { text: 'Windows must be restarted.', recommendation: 'Restart Windows, then try again.' },
  cancelled: { text: 'The operation was cancelled.', recommendation: 'Run it again when its result is wanted.' },
} as const satisfies Readonly<Record<string, Family>>;

export type FaultFamily = keyof typeof faultFamilies;

/** The family of a code by its name in Windows' headers; the first pattern that fits counts. */
const families: readonly (readonly [FaultFamily, RegExp])[] = [
  ['proxy', /^(ERROR_(INTERNET|WINHTTP|HTTP)|WU_E|BG_E)_.*(PROXY|_407$)/],
  ['nameResolution', /NAME_NOT_RESOLVED$|^WSA(HOST_NOT_FOUND|TRY_AGAIN|NO_DATA|NO_RECOVERY)$|^DNS_ERROR_RCODE_/],
  [
    'tls',
    /^ERROR_(INTERNET|WINHTTP)_(SEC|CLIENT_(AUTH_)?CERT|INVALID_CA|FAILED_DUETOSEC)|^SEC_E_(?!OK$|LOGON|NO_CRED)/,
  ],
  ['httpRefused', /^BG_E_HTTP_ERROR_40[13]$|^WU_E_PT_HTTP_STATUS_(DENIED|FORBIDDEN)$/],
  ['httpMissing', /^BG_E_HTTP_ERROR_(404|410)$|^WU_E_PT_HTTP_STATUS_(NOT_FOUND|GONE)$|^BG_E_FILE_NOT_FOUND$/],
  ['serverBusy', /^BG_E_HTTP_ERROR_(429|5\d\d)$|^WU_E_PT_HTTP_STATUS_(SERVER_ERROR|SERVICE_UNAVAIL|BAD_GATEWAY)$/],
  ['connection', /^ERROR_(INTERNET|WINHTTP)_(CANNOT_CONNECT|CONNECTION_\w+|TIMEOUT|DISCONNECTED|SERVER_UNREACHABLE)$/],
  [
    'connection',
    /^WSA(ECONN\w+|ETIMEDOUT|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN)$|^BG_E_(NETWORK_D|CONNECT_F|NO_PR)/,
  ],
  [
    'connection',
    /^WU_E_(PT_ENDPOINT_UNREACHABLE|PT_HTTP_STATUS_(REQUEST|GATEWAY)_TIMEOUT|NO_CONNECTION|DM_NOTDOWNLOADED)$/,
  ],
  ['connection', /^ERROR_(CONNECTION_\w+|HOST_UNREACHABLE|NETWORK_UNREACHABLE|PORT_UNREACHABLE|PROTOCOL_UNREACHABLE)$/],
  [
    'share',
    /^ERROR_(BAD_NETPATH|BAD_NET_NAME|NETNAME_DELETED|NO_NET_OR_BAD_PATH|REM_NOT_LIST|UNEXP_NET_ERR|NO_NETWORK)$/,
  ],
  [
    'certificate',
    /^(CERT_E|TRUST_E)_|^CRYPT_E_(REVO|NO_REVO|NO_TRUSTED|HASH_VALUE|NOT_FOUND)|^ERROR_INVALID_IMAGE_HASH$/,
  ],
  ['serviceDisabled', /^ERROR_SERVICE_(DISABLED|MARKED_FOR_DELETE)$|^WU_E_SERVICE_NOT_REGISTERED$/],
  [
    'serviceStopped',
    /^ERROR_SERVICE_|^ERROR_DEPENDENT_SERVICES|^WU_E_(SERVICE_STOP|NO_SERVICE|AU_NOSERVICE)$|^SCHED_E_SERVICE/,
  ],
  ['serverGone', /^RPC_S_(SERVER_UNAVAILABLE|CALL_FAILED\w*)$|^RPC_E_(DISCONNECTED|SERVER_DIED\w*)$|^CO_E_SERVER_EXEC/],
  ['notRegistered', /^REGDB_E_CLASSNOTREG$|^CO_E_(DLLNOTFOUND|ERRORINDLL|APPNOTFOUND)$/],
  ['diskFull', /^ERROR_(HANDLE_)?DISK_FULL$|^ERROR_(DISK_QUOTA_EXCEEDED|DISK_RESOURCES_EXHAUSTED)$|^STG_E_MEDIUMFULL$/],
  ['memory', /^(E_OUTOFMEMORY|ERROR_(NOT_ENOUGH_MEMORY|COMMITMENT_LIMIT|NO_SYSTEM_RESOURCES|PAGEFILE_QUOTA))$/],
  ['access', /^(E_ACCESSDENIED|ERROR_(PRIVILEGE_NOT_HELD|ELEVATION_REQUIRED)|STG_E_ACCESSDENIED|CO_E_ACCESSDENIED)$/],
  [
    'fileInUse',
    /^ERROR_(SHARING_VIOLATION|LOCK_VIOLATION|USER_MAPPED_FILE|BUSY|DELETE_PENDING)$|^STG_E_(SHARE|LOCK)VIOL/,
  ],
  ['fileMissing', /^(ERROR|STG_E)_?(FILE|PATH|MOD)_?NOT_?FOUND$/],
  ['damaged', /^ERROR_(INVALID_DATA|CRC|FILE_CORRUPT|DISK_CORRUPT|BAD_EXE_FORMAT|BAD_FORMAT|UNSUPPORTED_COMPRESSION)$/],
  [
    'wsus',
    /^WU_E_(WU_DISABLED|NO_UPDATE|PT_SUS\w+|USER_ACCESS_DISABLED|NOT_APPLICABLE|LEGACYSERVER|ALL_UPDATES_FAILED)$/,
  ],
  ['busy', /^ERROR_(INSTALL_ALREADY_RUNNING|PACKAGES_IN_USE)$|^WU_E_(INSTALL_NOT_ALLOWED|OPERATIONINPROGRESS)$/],
  [
    'restart',
    /REBOOT_REQUIRED$|REBOOT_INITIATED$|^ERROR_(FAIL_NOACTION_REBOOT|FAIL_RESTART|FAIL_SHUTDOWN|INSTALL_SUSPEND)$/,
  ],
  ['installer', /^ERROR_(INSTALL|PATCH|PRODUCT)_/],
  ['cancelled', /^(E_ABORT|ERROR_CANCELLED|ERROR_OPERATION_ABORTED|WU_E_CALL_CANCELLED|ERROR_INSTALL_USEREXIT)$/],
];

/** The family of an HRESULT; null for one that asks for no remedy that many have in common. */
export function familyOf(hresult: number): FaultFamily | null {
  const name = hresultName(hresult);
  return name === null ? null : (families.find(([, pattern]) => pattern.test(name))?.[0] ?? null);
}

/** Codes of Node's and OpenSSL's, likewise. */
const errnoFamilies: readonly (readonly [FaultFamily, RegExp])[] = [
  ['nameResolution', /^(ENOTFOUND|EAI_\w+)$/],
  ['tls', /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/],
  ['connection', /^(ECONN\w+|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EPIPE|UND_ERR_\w*TIMEOUT)$/],
  ['diskFull', /^(ENOSPC|EDQUOT)$/],
  ['access', /^(EACCES|EPERM)$/],
  ['fileInUse', /^(EBUSY|ETXTBSY)$/],
  ['fileMissing', /^(ENOENT|ENOTDIR)$/],
];

/** The family of an error of Node's, by its `code`. */
export function familyOfErrno(errno: string): FaultFamily | null {
  return errnoFamilies.find(([, pattern]) => pattern.test(errno))?.[0] ?? null;
}

/** The family of an HTTP status that is a failure. */
export function familyOfStatus(status: number): FaultFamily | null {
  if (status === 407) return 'proxy';
  if (status === 401 || status === 403) return 'httpRefused';
  if (status === 404 || status === 410) return 'httpMissing';
  return status === 429 || status >= 500 ? 'serverBusy' : null;
}
