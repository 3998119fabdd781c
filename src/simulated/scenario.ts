import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { absoluteFault } from '../base/absolute-path.js';
import { signed } from '../base/hresult.js';
import { parseJsonText } from '../base/json-text.js';
import { conflictKinds, managers, updateStatusNames } from '../contract/c2r.js';
import { channelName } from '../contract/channels.js';
import { updateSources } from '../contract/defender.js';
import { officeVersion } from '../contract/types.js';

const milliseconds = z.int().check(z.minimum(0), z.maximum(86_400_000));

/** The bridge works in another folder than who writes the scenario. */
const fullPath = z
  .string()
  .check(z.refine((path) => absoluteFault(path) === null, { message: 'must be the full path of a file' }));

const hresult = z.pipe(
  z.union([
    z.string().check(z.regex(/^0x[0-9a-fA-F]{1,8}$/, 'must be an HRESULT such as "0x80070070"')),
    z.int().check(z.minimum(-0x8000_0000), z.maximum(0xffff_ffff)),
  ]),
  z.transform((value) => signed(Number(value))),
);

const failure = z
  .strictObject({
    at: z
      .enum(['download', 'apply', 'cancel', 'status'])
      .check(z.describe('The call that fails, or whose action does.')),
    errorCode: z
      .optional(z.int().check(z.minimum(0), z.maximum(0xffff_ffff)))
      .check(z.describe('The UPDATE_ERROR_CODE that the status report then shows.')),
    hresult: z
      .optional(hresult)
      .check(z.describe('The HRESULT that the call returns, or that the report shows with 13 added.')),
    when: z
      ._default(z.enum(['call', 'end']), 'end')
      .check(
        z.describe('`call`: the call itself is refused; `end`: it is accepted, and what it started ends as failed.'),
      ),
  })
  .check(
    z.refine(({ errorCode, hresult: code }) => (errorCode === undefined) !== (code === undefined), {
      message: 'needs either errorCode or hresult',
    }),
    z.refine(({ when, hresult: code }) => when === 'end' || code !== undefined, {
      message: 'a refused call returns an HRESULT: give hresult',
      path: ['errorCode'],
    }),
  );
export type Failure = z.output<typeof failure>;

const registryValue = z.union([z.string(), z.int().check(z.minimum(0), z.maximum(0xffff_ffff))]);

const pinnedVersion = (description: string) =>
  z._default(z.nullable(officeVersion), null).check(z.describe(description));

const office = z.strictObject({
  installed: z._default(z.boolean(), true).check(z.describe('Whether Click-to-Run is there at all.')),
  leftover: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether only a configuration key without a version is left of an Office that was removed.')),
  wow64Only: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether Office stands in the 32-bit view of the registry only (WOW6432Node).')),
  products: z
    ._default(z.array(z.string().check(z.minLength(1))), ['O365ProPlusRetail'])
    .check(z.describe('The installed products, for example ProPlus2024Volume.')),
  installedVersion: z
    ._default(officeVersion, '16.0.17928.20114')
    .check(z.describe('The version before anything is done.')),
  availableVersion: z
    ._default(officeVersion, '16.0.19929.20172')
    .check(z.describe('What a download without updateToVersion brings; the installed version: there is nothing new.')),
  channel: z._default(channelName, 'MonthlyEnterprise').check(z.describe('The channel that Office follows.')),
  manager: z
    ._default(z.nullable(z.enum(managers)), null)
    .check(
      z.describe(
        'Who manages the updates: writes the settings of cloudUpdate, adminCenter, policy or configurationManager; null: ' +
          'as comRegistered says.',
      ),
    ),
  conflicts: z
    ._default(z.array(z.enum(conflictKinds)), [])
    .check(
      z.describe(
        'Settings that contradict each other: licence, channelMismatch, staleCloudSetting, shadowedPolicy, ' +
          'unreachableSource.',
      ),
    ),
  targetVersion: pinnedVersion('The version that the policy "Target Version" holds the device at; null: none.'),
  leftoverTargetVersion: pinnedVersion(
    'A left-over Configuration\\UpdateToVersion, which keeps updates away; null: none.',
  ),
  channelChangeStuck: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether UpdateChannelChanged is True although no change is under way.')),
  updateDeadline: z
    ._default(z.nullable(z.string().check(z.minLength(1))), null)
    .check(z.describe('The policy UpdateDeadline, for example 12/24/2026 18:00 or 3 (days); null: none.')),
  stagedDays: z
    ._default(z.nullable(z.number().check(z.minimum(0), z.maximum(3650))), null)
    .check(z.describe('For how many days availableVersion has been downloaded and waits; null: no update waits.')),
  enableDisableHidden: z._default(z.boolean(), false).check(z.describe('The policy HideEnableDisableUpdates.')),
  lastError: z
    ._default(z.nullable(z.string().check(z.minLength(1))), null)
    .check(z.describe("Click-to-Run's own last error, for example 30182-1011 (-2147012867); null: none.")),
  restartPending: z._default(z.boolean(), false).check(z.describe('Whether Windows waits for a restart.')),
  updateTask: z
    ._default(z.enum(['ready', 'disabled', 'missing']), 'ready')
    .check(z.describe('The task "Office Automatic Updates 2.0", which c2r/detect runs.')),
  detectMs: z._default(milliseconds, 500).check(z.describe('How long the task takes.')),
  comPlus: z
    ._default(z.enum(['inOrder', 'missing', 'otherIdentity', 'componentMissing']), 'inOrder')
    .check(z.describe('The COM+ application OfficeC2RCom as Test-C2RHealth finds it.')),
  downloadMs: z._default(milliseconds, 1500).check(z.describe('How long a download takes.')),
  applyMs: z._default(milliseconds, 800).check(z.describe('How long applying takes.')),
  blockingApps: z
    ._default(z.array(z.string().check(z.minLength(1))), [])
    .check(z.describe('Office apps that run, for example WINWORD.EXE.')),
  appsCloseAfterMs: z
    ._default(z.nullable(milliseconds), null)
    .check(z.describe('When people close these apps, counted from the start of the bridge; null: never.')),
  comRegistered: z._default(z.boolean(), true).check(z.describe('Whether the COM object is registered.')),
  elevated: z
    ._default(z.boolean(), true)
    .check(z.describe('Whether the bridge runs elevated; if not, COM and policy refuse it.')),
  initialStatus: z
    ._default(z.enum(updateStatusNames), 'UPDATE_UNKNOWN')
    .check(z.describe('The first status; one that is busy is an action that another program has just started.')),
  fail: z._default(z.array(failure), []).check(z.describe('What goes wrong, each time it is reached.')),
  vanishAfterMs: z
    ._default(z.nullable(milliseconds), null)
    .check(z.describe('How long after the first accepted Download or Apply the COM object goes away; null: it stays.')),
  vanishForMs: z
    ._default(z.nullable(milliseconds), 500)
    .check(z.describe('How long it stays away; null: it does not come back. The action continues meanwhile.')),
  vanishForgets: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether the service restarts with it: the action is lost and the status is UPDATE_UNKNOWN.')),
  channelTaskMs: z
    ._default(z.nullable(milliseconds), 500)
    .check(
      z.describe('How long after a new policy the scheduled task takes the new channel up; null: it does not run.'),
    ),
  deploymentData: z
    ._default(z.record(z.string().check(z.regex(/^-?\d+$/, 'must be a number: the dataType')), z.string()), {})
    .check(z.describe('What GetOfficeDeploymentData gives, by dataType.')),
  registry: z
    ._default(z.record(z.string(), z.record(z.string(), registryValue)), {})
    .check(z.describe('More values below HKEY_LOCAL_MACHINE: key path without leading backslash, then value name.')),
});
export type OfficeScenario = z.output<typeof office>;

const failingSource = z.strictObject({
  source: z.enum(updateSources.filter((source) => source !== 'default')).check(z.describe('The source that fails.')),
  hresult: hresult.check(z.describe('The HRESULT that it fails with.')),
  times: z
    ._default(z.nullable(z.int().check(z.minimum(1), z.maximum(1000))), null)
    .check(z.describe('How often it fails before it succeeds; null: always.')),
});

const defender = z.strictObject({
  present: z._default(z.boolean(), true).check(z.describe('Whether MpClient.dll is there.')),
  serviceRunning: z._default(z.boolean(), true).check(z.describe('Whether the Defender service answers.')),
  result: z._default(hresult, 0).check(z.describe('The HRESULT that the update ends with.')),
  updates: z
    ._default(z.int().check(z.minimum(0), z.maximum(1000)), 3)
    .check(z.describe('How many definition packages the update brings; 0: none new.')),
  durationMs: z._default(milliseconds, 1200).check(z.describe('How long an update takes.')),
  rebootRequired: z._default(z.boolean(), false).check(z.describe('Whether the engine asks for a restart at the end.')),
  signatureAgeHours: z
    ._default(z.nullable(z.number().check(z.minimum(-876_000), z.maximum(200_000))), 72)
    .check(
      z.describe('How old the signatures are; negative: ahead of the clock by as much; null: they were never updated.'),
    ),
  signaturesDue: z
    ._default(z.nullable(z.boolean()), null)
    .check(z.describe('Whether Defender calls the signatures due before an update; null: where an update brings any.')),
  failSources: z
    ._default(z.array(failingSource), [])
    .check(
      z.describe('Sources that fail, each by itself; with the default source the next one in the order is tried.'),
    ),
  fallbackOrder: z
    ._default(z.nullable(z.string()), null)
    .check(z.describe('The policy FallbackOrder, for example InternalDefinitionUpdateServer|MMPC; null: not set.')),
  fileShares: z
    ._default(z.array(z.string()), [])
    .check(z.describe('The shares of the policy DefinitionUpdateFileSharesSources.')),
  wsusServer: z
    ._default(z.nullable(z.string()), null)
    .check(z.describe('The WSUS server of Windows Update; null: none.')),
  windowsUpdateDisabled: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether the service wuauserv is disabled: managed and unmanaged then fail with 0x80070422.')),
  mode: z
    ._default(z.enum(['normal', 'passive', 'edrBlock', 'sideBySidePassive', 'disabled']), 'normal')
    .check(z.describe('How Defender runs, where the service answers.')),
  passiveModeForced: z
    ._default(z.boolean(), false)
    .check(z.describe('Whether the policy ForceDefenderPassiveMode is set, which tamper protection may overrule.')),
  thirdPartyAntivirus: z
    ._default(z.array(z.string().check(z.minLength(1))), [])
    .check(z.describe('Other antivirus products that have registered with Security Center.')),
  disabledByPolicy: z._default(z.boolean(), false).check(z.describe('Whether the policy DisableAntiSpyware is set.')),
  tamperProtection: z
    ._default(z.nullable(z.boolean()), true)
    .check(z.describe('Whether tamper protection is on; null: it does not show.')),
  platformVersion: z
    ._default(z.string().check(z.regex(/^\d{1,5}(\.\d{1,5}){3}$/, 'must be four numbers')), '4.18.25060.7')
    .check(z.describe('The version of the platform.')),
});
export type DefenderScenario = z.output<typeof defender>;

/**
 * What the simulated Windows does. Every key is optional; an unknown one is an error. Give it to the bridge with
 * `--simulate FILE|JSON` to try your own scripts against each outcome that you want them to survive.
 */
export const scenario = z.strictObject({
  office: z.prefault(office, {}),
  defender: z.prefault(defender, {}),
  statePath: z
    ._default(z.nullable(fullPath), null)
    .check(
      z.describe(
        'A file in which the simulated machine keeps its state, so that other processes find what this one has done ' +
          '(what they find there goes before the scenario); null: each process starts from the scenario.',
      ),
    ),
});
export type Scenario = z.output<typeof scenario>;

/** A scenario that cannot be used. The message is one line that a person can act on. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Reads a scenario from JSON, or from the file that `source` names; throws `ScenarioError`. */
export function loadScenario(source: string): Scenario {
  const inline = source.trimStart().startsWith('{');
  const where = inline ? 'The scenario' : `The scenario ${source}`;
  const result = scenario.safeParse(parse(inline ? source : read(source), where));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new ScenarioError(`${where} cannot be used: ${issues.join('; ')}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ScenarioError(`The scenario ${file} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}`);
  }
}

function parse(text: string, where: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new ScenarioError(`${where} is not JSON: ${(error as Error).message}`);
  }
}
