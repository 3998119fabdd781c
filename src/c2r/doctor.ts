import { Failure } from '../base/failure.js';
import type { Check } from '../contract/bridge.js';
import type { Installation } from '../contract/c2r.js';
import { blockingApps } from './blocking-apps.js';
import { blockedByOwner, comNotRegistered, notInstalled } from './errors.js';
import { explainOffice } from './explain.js';
import { installation } from './installation.js';
import type { Office } from './port.js';
import { decodeStatus, errorLabel } from './status.js';

type Finding = Pick<Check, 'ok' | 'detail' | 'recommendation'>;

const good = (detail: string, recommendation: string | null = null): Finding => ({ ok: true, detail, recommendation });
const bad = (detail: string, recommendation: string): Finding => ({ ok: false, detail, recommendation });
const notApplicable = (detail: string): Finding => ({ ok: null, detail, recommendation: null });

/** A finding that says the same as the error that a request would get. */
const badAs = ({ message, data }: Failure): Finding => bad(message, data.recommendation);

/** What an Office update needs, checked one by one; the backend adds what only it can see. Never throws. */
export async function officeChecks(office: Office): Promise<Check[]> {
  const facts = await installation(office).catch((error: unknown) => unreadable(office, error));
  const findings = 'ok' in facts ? { clickToRun: facts } : await inspect(office, facts);
  const own = Object.entries(findings).map(
    ([id, finding]): Check => ({ id: `office.${id}`, area: 'office', ...finding }),
  );
  return [...own, ...(await office.checks())];
}

async function inspect(office: Office, facts: Installation): Promise<Record<string, Finding>> {
  const { installed, comManagement } = facts;
  if (!installed) return { clickToRun: badAs(notInstalled()) };
  const reachable = comManagement.registered;
  return {
    clickToRun: facts.version
      ? good(`Click-to-Run ${facts.version} (${facts.platform ?? 'unknown platform'}) is installed.`)
      : bad('Click-to-Run is there, but reports no version.', 'Repair Office: its configuration key is damaged.'),
    comRegistered: reachable ? good('The COM object for updates is registered.') : badAs(comNotRegistered()),
    management: managementFinding(facts),
    updateOwner: comManagement.cloudUpdate
      ? badAs(blockedByOwner('cloudUpdate'))
      : good('Cloud Update does not own the updates of this device.'),
    updateSource: sourceFinding(facts),
    updatesEnabled: updatesEnabledFinding(facts),
    channelChange: facts.channelChangePending
      ? good('A change of the channel is pending.', 'Apply one update; Office takes another change only after it.')
      : good('No change of the channel is pending.'),
    stagedUpdate: facts.stagedVersion
      ? good(`Office ${facts.stagedVersion} is downloaded and waits.`, 'Apply it with c2r/apply.')
      : good('No downloaded update waits to be applied.'),
    status: reachable ? await statusFinding(office) : notApplicable('Not asked: the COM object is not registered.'),
    blockingApps: reachable ? await appsFinding(office) : notApplicable('Not asked: the COM object is not registered.'),
  };
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

function sourceFinding({ updateSource: { rule, value, channel } }: Installation): Finding {
  if (rule === null) return bad('No setting says where updates come from.', 'Repair Office, or set an update channel.');
  return good(`Updates come from ${value}${channel ? ` (${channel})` : ''}: ${rule} decides.`);
}

function updatesEnabledFinding({ updatesEnabled }: Installation): Finding {
  if (updatesEnabled === null) return notApplicable('No setting turns updates on or off.');
  return updatesEnabled
    ? good('Updates are enabled.')
    : bad('Updates are disabled.', 'Enable them: the policy "Enable Automatic Updates", or UpdatesEnabled of Office.');
}

async function statusFinding(office: Office): Promise<Finding> {
  try {
    const status = decodeStatus(await office.updates.status());
    const label = errorLabel(status);
    const detail = `Click-to-Run answers: ${status.status}${label ? `, ${label}` : ''}.`;
    if (status.status === 'UNDOCUMENTED') return bad(detail, 'Report the number, with the version of Office.');
    return good(detail, status.busy ? 'Wait with c2r/wait before you start anything.' : null);
  } catch (error) {
    return unreadable(office, error);
  }
}

async function appsFinding(office: Office): Promise<Finding> {
  try {
    const apps = await blockingApps(office);
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
