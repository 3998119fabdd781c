import { Failure } from '../base/failure.js';
import {
  CO_E_SERVER_EXEC_FAILURE,
  E_ACCESSDENIED,
  E_ILLEGAL_METHOD_CALL,
  E_INVALIDARG,
  E_NOINTERFACE,
  REGDB_E_CLASSNOTREG,
  RPC_E_DISCONNECTED,
  RPC_S_SERVER_UNAVAILABLE,
  signed,
} from '../base/hresult.js';
import { generalAdvice, generalText, HResultError, hresultDetails, windowsFailure } from '../base/hresult-error.js';
import { errorLabel, type Status } from './status.js';

/** The actions of Click-to-Run that take time. */
export type ActionKind = 'download' | 'apply';

const RPC_S_CALL_FAILED = signed(0x800706be);

/** What a call into a COM server gives that is going away, gone, or not up again yet. */
const goneCodes: ReadonlySet<number> = new Set([
  RPC_S_SERVER_UNAVAILABLE,
  RPC_S_CALL_FAILED,
  RPC_E_DISCONNECTED,
  CO_E_SERVER_EXEC_FAILURE,
]);

/** Whether the COM server went away, which says nothing about the action that Click-to-Run's service carries out. */
export function isServerGone(error: unknown): error is HResultError {
  return error instanceof HResultError && goneCodes.has(error.hresult);
}

export function isUnregistered(error: unknown): error is HResultError {
  return error instanceof HResultError && error.hresult === REGDB_E_CLASSNOTREG;
}

export function isIllegalCall(error: unknown): error is HResultError {
  return error instanceof HResultError && error.hresult === E_ILLEGAL_METHOD_CALL;
}

/** What to do about an HRESULT, where Click-to-Run's own page or practice says more than the code itself. */
const advice = new Map<number, string>([
  [E_ACCESSDENIED, 'Run elevated: as an administrator or as SYSTEM.'],
  [E_INVALIDARG, 'Office refused the parameters: check the version, the URL and the content source.'],
  [E_NOINTERFACE, 'This Office is older than 16.0.8208 or its COM registration is damaged: see bridge/doctor.'],
  [CO_E_SERVER_EXEC_FAILURE, 'An Office update may just be ending: try again in a minute, then see bridge/doctor.'],
  [RPC_S_SERVER_UNAVAILABLE, 'Try again in a minute; if it stays so, restart the service ClickToRunSvc.'],
  [RPC_S_CALL_FAILED, 'Try again in a minute; if it stays so, restart the service ClickToRunSvc.'],
  [RPC_E_DISCONNECTED, 'Try again in a minute; if it stays so, restart the service ClickToRunSvc.'],
]);

/** Turns what a backend throws into what crosses the wire. An error that is neither family is a bug and stays as it is. */
export function officeError(error: unknown): unknown {
  if (!(error instanceof HResultError)) return error;
  if (error.hresult === REGDB_E_CLASSNOTREG) return comNotRegistered(error);
  const { message, data } = windowsFailure(error);
  const recommendation = advice.get(error.hresult);
  if (!recommendation) return new Failure(data.type, message, data);
  return new Failure(data.type, message, { ...data, recommendation });
}

export function notInstalled(): Failure {
  return new Failure('NotAvailable', 'Click-to-Run is not installed on this machine.', {
    reason: 'notInstalled',
    recommendation:
      'Install Microsoft 365 Apps with the Office Deployment Tool; MSI-based Office cannot be updated so.',
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
      ? 'Look at c2r/status and try again.'
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

/** The action was accepted and ended otherwise than asked. `apps` are those that now run and would block an Apply. */
export function updateFailed(action: ActionKind, status: Status, apps: readonly string[] = []): Failure {
  const label = errorLabel(status);
  const text = status.hresult === null ? null : generalText(status.hresult);
  const ended = status.status === 'DOWNLOAD_CANCELLED' ? 'was cancelled' : `ended as ${status.status}`;
  const why = label ? `${ended}: ${label}${text ? ` (${text})` : ''}` : ended;
  return new Failure('UpdateFailed', `The ${action} ${why}${/[.)]$/.test(why) ? '' : '.'}`, {
    ...status,
    ...(status.hresult === null ? {} : hresultDetails(status.hresult)),
    action,
    apps,
    recommendation: adviceOn(action, status, label, apps),
  });
}

function adviceOn(
  action: ActionKind,
  { status, hresult }: Status,
  label: string | null,
  apps: readonly string[],
): string {
  const general = hresult === null ? null : generalAdvice(hresult);
  const known = failureAdvice[label ?? ''] ?? general ?? undefined;
  const appsMayBlock = known === undefined || label === 'FAILED_APPLY_UPGRADE_PACKAGE';
  if (apps.length > 0 && appsMayBlock) return `Close ${apps.join(', ')}, or force it, then try again.`;
  if (known !== undefined) return known;
  if (status === 'DOWNLOAD_CANCELLED') return 'Start the download again when whoever stopped it is done.';
  return action === 'download'
    ? 'Check the network and the update source, then try again; the Click-to-Run log in %windir%\\Temp says more.'
    : 'Try again; if it fails again, look into the Click-to-Run log in %windir%\\Temp.';
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
      recommendation: 'The action may go on: see that the service ClickToRunSvc runs, then look at c2r/status.',
    },
  );
}

/**
 * Whether Windows goes on with an action when a request ends early; null where Office had not answered by then, so that
 * nobody knows.
 */
function continues(running: ActionKind | null, last: Status | null): boolean | null {
  if (running) return true;
  return last === null ? null : false;
}

/** The caller's `timeoutMs` passed. */
export function timedOut(timeoutMs: number, running: ActionKind | null, last: Status | null): Failure {
  const message = running
    ? `The ${running} has not ended within ${timeoutMs} ms; it goes on.`
    : last === null
      ? `Office has not answered within ${timeoutMs} ms.`
      : `The request has not ended within ${timeoutMs} ms; nothing goes on.`;
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
  const goesOn = running === 'apply' ? 'applying cannot be, and goes on' : 'the download goes on';
  return new Failure('RequestCancelled', `The request was cancelled${running ? `; ${goesOn}` : downloadToo}.`, {
    ...last,
    status: last?.status ?? null,
    continues: continues(running, last),
    recommendation: running ? 'Follow it with c2r/wait.' : 'Send the request again when it suits.',
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
    cloud ? 'Cloud Update owns the updates of this device.' : 'A policy forbids to manage Office updates through COM.',
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
  return new Failure('InUse', `Another request of this bridge, ${holder.who}, is at work.`, {
    ...holder,
    recommendation: 'Wait for it, follow it with c2r/wait, or cancel it.',
  });
}
