import { Failure } from '../base/failure.js';
import { E_ILLEGAL_METHOD_CALL, REGDB_E_CLASSNOTREG } from '../base/hresult.js';
import { generalAdvice, generalText, HResultError, hresultDetails, windowsFailure } from '../base/hresult-error.js';
import type { LastError } from '../contract/c2r.js';
import { errorLabel } from '../contract/update-error.js';
import type { Status } from './status.js';

/** The actions of Click-to-Run that take time. */
export type ActionKind = 'download' | 'apply';

export function isUnregistered(error: unknown): error is HResultError {
  return error instanceof HResultError && error.hresult === REGDB_E_CLASSNOTREG;
}

export function isIllegalCall(error: unknown): error is HResultError {
  return error instanceof HResultError && error.hresult === E_ILLEGAL_METHOD_CALL;
}

export function notInstalled(): Failure {
  return new Failure('NotAvailable', 'Click-to-Run is not installed on this machine.', {
    reason: 'notInstalled',
    recommendation:
      'Install Microsoft 365 Apps with the Office Deployment Tool; Office that was installed from an MSI cannot be updated this way.',
  });
}

export function comNotRegistered(cause?: HResultError): Failure {
  return new Failure('NotAvailable', 'The COM object that drives Office updates is not registered.', {
    ...(cause ? { ...hresultDetails(cause.hresult), source: cause.source } : {}),
    reason: 'comNotRegistered',
    recommendation: 'Turn management on with c2r/setManagement and restart the service ClickToRunSvc.',
  });
}

/** Refused because of the state that Click-to-Run is in. `status` is null where it could not be read. */
export function illegalState(method: string, status: Status | null): Failure {
  const state = status ? `while the status is ${status.status}` : 'in its present state';
  return new Failure('IllegalState', `Click-to-Run does not accept ${method} ${state}.`, {
    ...(status ?? { status: null }),
    ...hresultDetails(E_ILLEGAL_METHOD_CALL),
    source: `IUpdateNotify::${method}`,
    recommendation: !status?.busy
      ? 'Check c2r/status, then try again.'
      : status.status.startsWith('APPLY')
        ? 'Wait for it with c2r/wait: an Apply cannot be stopped.'
        : 'Wait for the running action with c2r/wait, or stop a download with c2r/cancel.',
  });
}

const failureAdvice: Readonly<Record<string, string>> = {
  TRIGGER_DISABLED: 'Updates are disabled: check the policy "Enable Automatic Updates" and who manages this device.',
  PIPELINE_IN_USE: 'Another Office installation or update runs: wait for it, then try again.',
  FAILED_STOP_C2RSERVICE: 'Restart the service ClickToRunSvc, then try again.',
  FAILED_DOWNLOAD_UPGRADE_PACKAGE: 'Check the network, the update source and that it has this version, then try again.',
  FAILED_APPLY_UPGRADE_PACKAGE: 'Close the Office apps, check the free disk space, then try again.',
};

/** What is known of a failed action besides its report. */
export interface Known {
  /** The apps that now run and would block an Apply. */
  readonly apps?: readonly string[];
  readonly lastError?: LastError | null;
  /** Windows' own sentence about an HRESULT. */
  errorText?(hresult: number): string | null;
}

/** The action was accepted and ended otherwise than asked. */
export function updateFailed(action: ActionKind, status: Status, known: Known = {}): Failure {
  const { apps = [], lastError = null } = known;
  const label = errorLabel(status);
  const text = status.hresult === null ? null : (known.errorText?.(status.hresult) ?? generalText(status.hresult));
  const ended = status.status === 'DOWNLOAD_CANCELLED' ? 'was cancelled' : `ended as ${status.status}`;
  const why = label ? `${ended}: ${label}${text ? ` (${text})` : ''}` : ended;
  const own = lastError ? ` Click-to-Run's own last error: ${lastError.code ?? lastError.raw}. ${lastError.text}` : '';
  return new Failure('UpdateFailed', `The ${action} ${why}${/[.)]$/.test(why) ? '' : '.'}${own}`, {
    ...status,
    ...(status.hresult === null ? {} : hresultDetails(status.hresult)),
    action,
    apps,
    lastError,
    recommendation: adviceOn(action, status, label, known),
  });
}

function adviceOn(action: ActionKind, { status, hresult }: Status, label: string | null, known: Known): string {
  const { apps = [], lastError = null } = known;
  const general = hresult === null ? null : generalAdvice(hresult);
  const advice = failureAdvice[label ?? ''] ?? general;
  const appsMayBlock = advice === null || label === 'FAILED_APPLY_UPGRADE_PACKAGE';
  if (apps.length > 0 && appsMayBlock) return `Close ${apps.join(', ')}, or force it, then try again.`;
  if (status === 'DOWNLOAD_CANCELLED') return 'Start the download again when the program that stopped it has ended.';
  if (advice !== null || lastError !== null) return advice ?? lastError?.recommendation ?? '';
  return action === 'download'
    ? 'Check the network and the update source, then try again; the Click-to-Run log in %windir%\\Temp says more.'
    : 'Try again; if it fails again, look into the Click-to-Run log in %windir%\\Temp.';
}

/** The update was to stay at a version, and Office, although it reported success, is at another one. */
export function notPinned(wanted: string, version: string | null, status: Status): Failure {
  return new Failure(
    'UpdateFailed',
    `Office reported success, but it is at ${version ?? 'an unknown version'}, not at ${wanted}: it is not held there.`,
    {
      ...status,
      action: 'apply',
      apps: [],
      lastError: null,
      version,
      recommendation: `See that the update source has ${wanted}, and in c2r/installation that nothing holds the device at another version, then try again.`,
    },
  );
}

/** Click-to-Run accepted the action and then no longer knew of it, or never showed that it began. */
export function lostTrack(action: ActionKind, status: Status, begun: boolean, waitedMs: number): Failure {
  const seconds = Math.round(waitedMs / 1000);
  const message = begun
    ? `Click-to-Run no longer knows of the ${action}: the status has been ${status.status} for ${seconds} s.`
    : `Click-to-Run accepted the ${action} but did not begin it: the status has been ${status.status} for ${seconds} s.`;
  return new Failure('UpdateFailed', message, {
    ...status,
    action,
    apps: [],
    recommendation: begun
      ? 'The service or the machine was probably restarted: compare the version in c2r/installation, then try again.'
      : 'See that the service ClickToRunSvc runs and that no other tool manages the updates, then try again.',
  });
}

/** The COM server went away while an action was waited for, and did not come back. */
export function stayedAway(cause: HResultError, waitedMs: number, last: Status | null): Failure {
  const { message, data } = windowsFailure(cause);
  return new Failure(
    'WindowsError',
    `Click-to-Run's COM object has not answered for ${Math.round(waitedMs / 1000)} s. ${message}`,
    {
      ...data,
      status: last?.status ?? null,
      continues: last?.busy ?? false,
      recommendation: 'The action may continue: see that the service ClickToRunSvc runs, then look at c2r/status.',
    },
  );
}

/**
 * Whether an action continues in Windows when a request ends early; null where Office had not answered by then, so that it
 * is not known.
 */
function continues(running: ActionKind | null, last: Status | null): boolean | null {
  if (running) return true;
  return last === null ? null : false;
}

/** The caller's `timeoutMs` passed. */
export function timedOut(timeoutMs: number, running: ActionKind | null, last: Status | null): Failure {
  const message = running
    ? `The ${running} has not ended within ${timeoutMs} ms; it continues.`
    : last === null
      ? `Office has not answered within ${timeoutMs} ms.`
      : `The request has not ended within ${timeoutMs} ms; nothing continues.`;
  return new Failure('Timeout', message, {
    ...last,
    status: last?.status ?? null,
    timeoutMs,
    continues: continues(running, last),
    recommendation: running
      ? 'Wait for it with c2r/wait, or give a longer timeout.'
      : 'Give a longer timeout, and close the Office apps where they block the update.',
  });
}

/** The client cancelled the request, and with it its own download where that could still be stopped; an Apply never can. */
export function requestCancelled(running: ActionKind | null, last: Status | null): Failure {
  const downloadToo = last?.status === 'DOWNLOAD_CANCELLED' ? ', and the download with it' : '';
  const continuing = running === 'apply' ? 'an Apply cannot be cancelled and continues' : 'the download continues';
  return new Failure('RequestCancelled', `The request was cancelled${running ? `; ${continuing}` : downloadToo}.`, {
    ...last,
    status: last?.status ?? null,
    continues: continues(running, last),
    recommendation: running ? 'Follow it with c2r/wait.' : 'Send the request again when its result is wanted.',
  });
}

export function blockedByApps(apps: readonly string[]): Failure {
  return new Failure('Blocked', `Running Office apps block the update: ${apps.join(', ')}.`, {
    apps,
    owner: null,
    recommendation:
      'Close these apps, or let c2r/update wait for that or close them by force: onBlockingApps "wait" or "force".',
  });
}

/** Who else decides about the updates of this device. */
export type UpdateOwner = 'cloudUpdate' | 'policy';

export function blockedByOwner(owner: UpdateOwner): Failure {
  const cloud = owner === 'cloudUpdate';
  return new Failure(
    'Blocked',
    cloud ? 'Cloud Update owns the updates of this device.' : 'A policy forbids managing Office updates through COM.',
    {
      apps: [],
      owner,
      recommendation: cloud
        ? 'Let Cloud Update do it, or exclude the device there (config.office.com) first.'
        : 'Set the policy "Management of Microsoft 365 Apps for enterprise", or use c2r/setManagement.',
    },
  );
}

/** One download, apply or update at a time in one bridge: the second could not tell whose end it sees. */
export function actionInUse(holder: { readonly who: string; readonly since: string }): Failure {
  return new Failure('InUse', `Another request of this bridge, ${holder.who}, is running.`, {
    ...holder,
    recommendation: 'Wait for it, follow it with c2r/wait, or cancel it.',
  });
}
