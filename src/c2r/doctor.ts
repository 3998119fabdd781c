import { Failure } from '../base/failure.js';
import type { Check } from '../contract/bridge.js';
import type { Installation } from '../contract/c2r.js';
import { errorLabel } from '../contract/update-error.js';
import { blockingApps } from './blocking-apps.js';
import { blockedByOwner, comNotRegistered, notInstalled } from './errors.js';
import { explainOffice } from './explain.js';
import { bad, type Finding, good, notApplicable } from './finding.js';
import { installation } from './installation.js';
import type { Office } from './port.js';
import { decodeStatus } from './status.js';
import { deadlineFinding } from './update-deadline.js';

/** A finding that says the same as the error that a request would get. */
const badAs = ({ message, data }: Failure): Finding => bad(message, data.recommendation);

/** What an Office update needs, checked one by one; the backend adds what only it can see. Never throws. */
export async function officeChecks(office: Office, now: Date, signal: AbortSignal): Promise<Check[]> {
  const facts = await installation(office).catch((error: unknown) => unreadable(office, error));
  const findings = 'ok' in facts ? { clickToRun: facts } : await inspect(office, facts, now, signal);
  const own = Object.entries(findings).map(
    ([id, finding]): Check => ({ id: `office.${id}`, area: 'office', ...finding }),
  );
  return [...own, ...(await office.checks())];
}

async function inspect(
  office: Office,
  facts: Installation,
  now: Date,
  signal: AbortSignal,
): Promise<Record<string, Finding>> {
  const { installed, leftover, comManagement } = facts;
  if (!installed) return { clickToRun: leftover ? leftOver() : badAs(notInstalled()) };
  const reachable = comManagement.registered;
  return {
    clickToRun: clickToRunFinding(facts),
    comRegistered: reachable ? good('The COM object for updates is registered.') : badAs(comNotRegistered()),
    management: managementFinding(facts),
    updateOwner: comManagement.cloudUpdate
      ? badAs(blockedByOwner('cloudUpdate'))
      : good('Cloud Update does not own the updates of this device.'),
    manager: managerFinding(facts),
    updateSource: sourceFinding(facts),
    targetVersion: targetFinding(facts),
    updatesEnabled: updatesEnabledFinding(facts),
    updateDeadline: deadlineFinding(facts, now),
    channelChange: facts.channelChangePending
      ? good(
          'A change of the channel is pending.',
          'Apply one update; Office takes another change only after it. If it stays so, c2r/setTargetVersion with clearLeftover resets it.',
        )
      : good('No change of the channel is pending.'),
    stagedUpdate: facts.stagedVersion
      ? good(`Office ${facts.stagedVersion} is downloaded and waits.`, 'Apply it with c2r/apply.')
      : good('No downloaded update waits to be applied.'),
    lastError: lastErrorFinding(facts),
    restart:
      facts.restartPending.length > 0
        ? good(
            `Windows waits for a restart: ${facts.restartPending.join(', ')}.`,
            'Restart Windows if an update fails.',
          )
        : good('Windows does not wait for a restart.'),
    status: reachable
      ? await statusFinding(office, signal)
      : notApplicable('Not asked: the COM object is not registered.'),
    blockingApps: reachable
      ? await appsFinding(office, signal)
      : notApplicable('Not asked: the COM object is not registered.'),
  };
}

function leftOver(): Finding {
  return bad(
    'Only a configuration key is left over of an Office that was removed: Click-to-Run reports no version.',
    'Install Microsoft 365 Apps again, or remove the rest with the Microsoft Support and Recovery Assistant.',
  );
}

function clickToRunFinding({ version, platform, registryView }: Installation): Finding {
  if (version === null) {
    return bad('Click-to-Run is there, but reports no version.', 'Repair Office: its configuration key is damaged.');
  }
  const detail = `Click-to-Run ${version} (${platform ?? 'unknown platform'}) is installed.`;
  if (registryView !== '32-bit') return good(detail);
  return good(
    `${detail} It was found in the 32-bit view of the registry only (WOW6432Node).`,
    'If its updates cannot be driven, install Office anew with the Office Deployment Tool.',
  );
}

function managerFinding({ manager: { name, evidence } }: Installation): Finding {
  if (name === 'none') return good('Office updates itself: no manager was found.');
  return good(`The updates are managed by ${name} (${evidence.join('; ')}).`);
}

function targetFinding({ targetVersion: { rule, version, leftover }, version: installed }: Installation): Finding {
  if (leftover !== null) {
    return bad(
      `Configuration\\UpdateToVersion is left over (${leftover}): it keeps updates away.`,
      'Remove it with c2r/setTargetVersion and clearLeftover, unless the Office Deployment Tool is to hold the device there.',
    );
  }
  if (rule === null) return good('No setting holds this device at a version.');
  const where = version === installed ? 'which is installed' : `and ${installed} is installed`;
  return good(`${rule} holds this device at ${version}, ${where}.`);
}

function lastErrorFinding({ lastError }: Installation): Finding {
  if (lastError === null) return good('Click-to-Run keeps no error of its last run.');
  const { code, raw, hresultName, text, recommendation, source } = lastError;
  return bad(
    `Click-to-Run failed last with ${code ?? raw}${hresultName ? ` (${hresultName})` : ''}: ${text} (${source})`,
    recommendation,
  );
}

function managementFinding({ comManagement: { enabled, policy, local, registered } }: Installation): Finding {
  const origin = policy !== null ? 'by policy' : local !== null ? 'by the local setting' : 'nowhere set';
  if (enabled) {
    return registered
      ? good(`Management through COM is on (${origin}).`)
      : bad(
          `Management through COM is on (${origin}), but the service has not registered the object.`,
          'Restart the service ClickToRunSvc; if it stays so, turn management off and on with a restart after each.',
        );
  }
  if (!registered || policy === false) {
    return bad(
      `Management through COM is off (${origin}).`,
      'Turn it on with c2r/setManagement and restart the service ClickToRunSvc.',
    );
  }
  return good(
    `Management through COM is off (${origin}), but the object is still registered.`,
    'Turn it on with c2r/setManagement so that it stays.',
  );
}

function sourceFinding({ updateSource: { rule, value, channel }, conflicts }: Installation): Finding {
  const [first] = conflicts;
  if (first) return bad(conflicts.map(({ detail }) => detail).join(' '), first.recommendation);
  if (rule === null) return bad('No setting says where updates come from.', 'Repair Office, or set an update channel.');
  return good(`Updates come from ${value}${channel ? ` (${channel})` : ''}: ${rule} decides.`);
}

function updatesEnabledFinding({ updatesEnabled, enableDisableHidden }: Installation): Finding {
  const hidden = enableDisableHidden ? ' People cannot change that in an Office app (HideEnableDisableUpdates).' : '';
  if (updatesEnabled === null) return notApplicable(`No setting turns updates on or off.${hidden}`);
  return updatesEnabled
    ? good(`Updates are enabled.${hidden}`)
    : bad(
        `Updates are disabled.${hidden}`,
        'Enable them: the policy "Enable Automatic Updates", or UpdatesEnabled of Office.',
      );
}

async function statusFinding(office: Office, signal: AbortSignal): Promise<Finding> {
  try {
    const status = decodeStatus(await office.updates.status(signal));
    const label = errorLabel(status);
    const detail = `Click-to-Run answers: ${status.status}${label ? `, ${label}` : ''}.`;
    if (status.status === 'UNDOCUMENTED') return bad(detail, 'Report the number, with the version of Office.');
    return good(detail, status.busy ? 'Wait with c2r/wait before you start anything.' : null);
  } catch (error) {
    return unreadable(office, error);
  }
}

async function appsFinding(office: Office, signal: AbortSignal): Promise<Finding> {
  try {
    const apps = await blockingApps(office, signal);
    if (apps.length === 0) return good('No running app blocks an update.');
    return good(`Running apps would block an update: ${apps.join(', ')}.`, 'Close them before an update is applied.');
  } catch (error) {
    return unreadable(office, error);
  }
}

async function unreadable(office: Office, error: unknown): Promise<Finding> {
  const known = await explainOffice(office)(error);
  if (known instanceof Failure) return badAs(known);
  return bad(`The check failed: ${String(known)}.`, 'Report the log of the bridge: this is a fault of the bridge.');
}
