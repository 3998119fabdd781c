import * as z from 'zod/mini';
import { channelName } from './channels.js';
import { method } from './method.js';
import { namedObject } from './named.js';
import {
  backend,
  clsid,
  contentId,
  hresult,
  officeVersion,
  pollMs,
  progressFields,
  timeoutMs,
  timestamp,
} from './types.js';

/**
 * UPDATE_STATUS without its leading `e`, in the order of the enumeration.
 * https://learn.microsoft.com/office/client-developer/shared/manageability-applications-with-the-office-365-click-to-run-installer
 */
export const updateStatusNames = [
  'UPDATE_UNKNOWN',
  'DOWNLOAD_PENDING',
  'DOWNLOAD_WIP',
  'DOWNLOAD_CANCELLING',
  'DOWNLOAD_CANCELLED',
  'DOWNLOAD_FAILED',
  'DOWNLOAD_SUCCEEDED',
  'APPLY_PENDING',
  'APPLY_WIP',
  'APPLY_SUCCEEDED',
  'APPLY_FAILED',
] as const;

/** UPDATE_ERROR_CODE without its leading `e`, in the order of the enumeration; the last, UNKNOWN, is 13. */
export const updateErrorNames = [
  'OK',
  'FAILED_UNEXPECTED',
  'TRIGGER_DISABLED',
  'PIPELINE_IN_USE',
  'FAILED_STOP_C2RSERVICE',
  'FAILED_GET_CLIENTUPDATEFOLDER',
  'FAILED_LOCK_PACKAGE_TO_UPDATE',
  'FAILED_CREATE_STREAM_SESSION',
  'FAILED_PUBLISH_WORKING_CONFIGURATION',
  'FAILED_DOWNLOAD_UPGRADE_PACKAGE',
  'FAILED_APPLY_UPGRADE_PACKAGE',
  'FAILED_INITIALIZE_RSOD',
  'FAILED_PUBLISH_RSOD',
  'UNKNOWN',
] as const;

const updateStatusFields = {
  status: z
    .enum([...updateStatusNames, 'UNDOCUMENTED'])
    .check(
      z.describe(
        'The state of the current or last action; UNDOCUMENTED where Office reports a number that is not published.',
      ),
    ),
  statusCode: z.int().check(z.describe('UPDATE_STATUS as Office reported it.')),
  errorCode: z.int().check(z.minimum(0), z.describe('The raw error of the report; above 13 it is an HRESULT plus 13.')),
  errorName: z
    .nullable(z.enum(updateErrorNames))
    .check(z.describe('UPDATE_ERROR_CODE; null where the error is an HRESULT.')),
  hresult: z
    .nullable(hresult)
    .check(z.describe('The HRESULT of the failed call; null where the error is an UPDATE_ERROR_CODE.')),
  hresultName: z.nullable(z.string()),
  contentId: z
    .nullable(z.string())
    .check(z.describe('What was given to the download that is reported; null where there is none.')),
  busy: z.boolean().check(z.describe('Whether an action runs.')),
  terminal: z.boolean().check(z.describe('Whether the report tells how an action ended.')),
} as const;

/** What Click-to-Run is doing, or how its last action ended. */
export const updateStatus = namedObject('UpdateStatus', { ...updateStatusFields, backend });
export type UpdateStatus = z.output<typeof updateStatus>;

const phase = z.enum(['preflight', 'blocked', 'detect', 'download', 'apply', 'cancel']);

const updateProgress = namedObject('UpdateProgress', {
  phase: phase.check(z.describe('What the request is doing; `blocked` waits for Office apps to be closed.')),
  ...progressFields,
  status: z.optional(updateStatusFields.status),
});
export type UpdateProgress = z.output<typeof updateProgress>;

/** A value of Office's parameter string, where spaces part the pairs and nothing can be quoted. */
const parameterValue = (example: string) =>
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(2048),
      z.regex(/^[^\s"'\p{C}]+$/u, `must have no white space, quotes or control characters, for example ${example}`),
    );

const displayLevel = z
  .boolean()
  .check(z.describe('Whether Office shows its own update windows; Office takes false when absent.'));

const downloadParams = {
  displayLevel: z.optional(displayLevel),
  updateBaseUrl: z
    .optional(parameterValue('http://server/office'))
    .check(z.describe('Where to download from instead of the CDN: an http or https URL, a share or an absolute path.')),
  updateToVersion: z
    .optional(officeVersion)
    .check(
      z.describe('The version to move to; older than the installed one rolls back. Absent: the newest of the channel.'),
    ),
  downloadSource: z.optional(clsid).check(z.describe('CLSID of a custom BITS manager; goes with `contentId`.')),
  contentId: z
    .optional(contentId)
    .check(z.describe('What the custom BITS manager is asked for; goes with `downloadSource`.')),
} as const;

const applyParams = {
  displayLevel: z.optional(displayLevel),
  forceAppShutdown: z
    .optional(z.boolean())
    .check(z.describe('Closes running Office apps at once; people lose what they have not saved.')),
} as const;

const waiting = {
  wait: z._default(z.boolean(), false).check(z.describe('Returns when the action has ended.')),
} as const;
const pacing = {
  timeoutMs: z.optional(timeoutMs),
  pollMs: z.optional(pollMs),
} as const;

/** Both or none: Office answers half a pair with E_INVALIDARG, so it is refused before any call. */
const contentPair = {
  downloadSource: 'goes with contentId: give both or none',
  contentId: 'goes with downloadSource: give both or none',
} as const;

/** The issue with a half-given `downloadSource`/`contentId` pair, or none. A rule that JSON Schema cannot say by name. */
export function contentPairIssues(params: {
  readonly downloadSource?: string | undefined;
  readonly contentId?: string | undefined;
}): { path: string; message: string }[] {
  if ((params.downloadSource === undefined) === (params.contentId === undefined)) return [];
  const missing = params.downloadSource === undefined ? 'downloadSource' : 'contentId';
  return [{ path: missing, message: contentPair[missing] }];
}

/** The update-source rules in their order of precedence: the first one that is set decides. */
export const updateSourceRules = [
  'cloudUpdatePath',
  'cloudUpdateBranch',
  'policyUpdatePath',
  'policyUpdateBranch',
  'updateUrl',
  'unmanagedUpdateUrl',
  'cdnBaseUrl',
] as const;

const updateSource = namedObject('UpdateSource', {
  rule: z.nullable(z.enum(updateSourceRules)).check(z.describe('The rule that decides; null where none is set.')),
  value: z.nullable(z.string()).check(z.describe('What it says; credentials in a URL are left out.')),
  channel: z.nullable(channelName).check(z.describe('The channel behind the value, where it names one.')),
});

export const channelSwitchStates = ['otherRuleDecides', 'earlierChange', 'scheduledTask', 'update'] as const;

const pending = z
  .array(
    namedObject('ChannelPending', {
      reason: z
        .enum(channelSwitchStates)
        .check(
          z.describe(
            '`otherRuleDecides`: a rule that goes before still wins; `earlierChange`: Office wants an update of an earlier ' +
              'channel change applied first; `scheduledTask`: the task "Office Automatic Updates 2.0" has not taken it up ' +
              'yet, which it does more than 24 hours after its last try; `update`: no update from the new channel has been applied yet.',
          ),
        ),
      detail: z.string(),
    }),
  )
  .check(z.describe('What a change of the channel still waits for; empty when it is complete: the version has moved.'));

const channelSwitch = namedObject('ChannelSwitch', {
  channel: channelName.check(z.describe('The channel that was asked for with c2r/setChannel.')),
  requestedAt: timestamp,
  versionThen: z
    .nullable(z.string())
    .check(z.describe('The version that was installed when the change was asked for.')),
  pending,
});
export type ChannelSwitch = z.output<typeof channelSwitch>;

const comManagement = namedObject('ComManagement', {
  enabled: z.boolean().check(z.describe('Whether OfficeMgmtCOM is on: the policy decides, else the local setting.')),
  policy: z.nullable(z.boolean()).check(z.describe('The policy value; null where it is not set.')),
  local: z
    .nullable(z.boolean())
    .check(z.describe('The setting that the Office Deployment Tool wrote; null where it is not set.')),
  registered: z
    .boolean()
    .check(z.describe('Whether the COM object is registered, without which no update can be driven.')),
  cloudUpdate: z.boolean().check(z.describe('Whether Cloud Update owns the updates of this device.')),
});
export type ComManagement = z.output<typeof comManagement>;

/** Who may manage the updates of a device, the one that wins over the others first. */
export const managers = ['cloudUpdate', 'adminCenter', 'policy', 'configurationManager', 'none'] as const;

const manager = namedObject('UpdateManager', {
  name: z
    .enum(managers)
    .check(
      z.describe(
        '`cloudUpdate`: Cloud Update owns the device and ignores group policy; `adminCenter`: settings from the admin ' +
          'center decide; `policy`: settings of the administrative template; `configurationManager`: updates are driven ' +
          'through COM, as Configuration Manager and this bridge do; `none`: Office updates itself.',
      ),
    ),
  evidence: z.array(z.string()).check(z.describe('The registry values that say so.')),
});

/** How sure it is that a fact of the registry means what is said here: published, seen by several, or by one source. */
const confidence = z.enum(['high', 'medium', 'low']);

export const conflictKinds = [
  'licence',
  'channelMismatch',
  'staleCloudSetting',
  'shadowedPolicy',
  'unreachableSource',
] as const;

const conflict = namedObject('Conflict', {
  kind: z
    .enum(conflictKinds)
    .check(
      z.describe(
        '`licence`: the channel that decides is not one of the licence; `channelMismatch`: CDNBaseUrl and UpdateChannel ' +
          'name different channels and no policy decides; `staleCloudSetting`: the cloud left its setting behind and has ' +
          'handed the device back; `shadowedPolicy`: a policy that a higher rule makes ineffective; `unreachableSource`: ' +
          'updates come from a share that cannot be reached.',
      ),
    ),
  detail: z.string(),
  recommendation: z.string(),
  confidence,
});
export type Conflict = z.output<typeof conflict>;

/** The rules that pin a version, in their order of precedence. */
export const targetVersionRules = ['cloudTargetVersion', 'policyTargetVersion', 'updateToVersion'] as const;

const targetVersion = namedObject('TargetVersion', {
  rule: z
    .nullable(z.enum(targetVersionRules))
    .check(
      z.describe(
        'The rule that pins a version; null where none does. `updateToVersion` is the value that the Office Deployment ' +
          'Tool writes into Configuration and that is often left over.',
      ),
    ),
  version: z
    .nullable(z.string())
    .check(z.describe('The version that the device is held at; null where it is not held.')),
  policy: z.nullable(z.string()).check(z.describe('The policy value updatetargetversion, as it is.')),
  leftover: z
    .nullable(z.string())
    .check(z.describe('Configuration\\UpdateToVersion, as it is: a known cause of "no updates".')),
  written: z
    .nullable(z.string())
    .check(z.describe('The version that c2r/setTargetVersion wrote into the policy; null where it wrote none.')),
});
export type TargetVersion = z.output<typeof targetVersion>;

const lastError = namedObject('LastError', {
  code: z
    .nullable(z.string())
    .check(z.describe("Click-to-Run's own code, for example 30088-27; null where it gives none.")),
  hresult: z.nullable(hresult).check(z.describe('The HRESULT behind the code, where it names one.')),
  hresultName: z.nullable(z.string()),
  text: z.string().check(z.describe('What it means, in a sentence.')),
  recommendation: z.string(),
  scenario: z.nullable(z.string()).check(z.describe('What Click-to-Run was doing, for example UPDATE.')),
  source: z.string().check(z.describe('The registry value that says so.')),
  raw: z.string().check(z.describe('What it says, unchanged.')),
  confidence,
});
export type LastError = z.output<typeof lastError>;

/** What is installed and who decides about its updates. */
export const installation = namedObject('Installation', {
  installed: z.boolean().check(z.describe('Whether Click-to-Run reports a version.')),
  leftover: z.boolean().check(z.describe('Whether only a configuration key is left of an Office that was removed.')),
  registryView: z
    .nullable(z.enum(['64-bit', '32-bit']))
    .check(
      z.describe(
        'The view of the registry in which Click-to-Run was found. Only in the 32-bit one (WOW6432Node): a 32-bit Office ' +
          'whose updates this bridge may be unable to drive; confidence low.',
      ),
    ),
  version: z.nullable(z.string()),
  channel: z
    .nullable(z.string())
    .check(z.describe('The channel of the CDN that Office updates from, where it is a known one.')),
  platform: z.nullable(z.enum(['x64', 'x86', 'arm64'])),
  products: z.array(z.string()),
  languages: z
    .array(z.string())
    .check(
      z.describe(
        'The language that Click-to-Run names (ClientCulture); languages added to single products are not listed.',
      ),
    ),
  updateSource,
  manager,
  conflicts: z.array(conflict).check(z.describe('Where the settings of this device contradict each other.')),
  updatesEnabled: z.nullable(z.boolean()),
  targetVersion,
  updateDeadline: z
    .nullable(z.string())
    .check(z.describe('The policy UpdateDeadline as it is: a point in time, or days after an update is there.')),
  enableDisableHidden: z
    .nullable(z.boolean())
    .check(z.describe('The policy HideEnableDisableUpdates: people cannot turn updates on or off in an Office app.')),
  comManagement,
  stagedVersion: z.nullable(z.string()).check(z.describe('The version that is downloaded and waits to be applied.')),
  channelChangePending: z
    .nullable(z.boolean())
    .check(z.describe("Click-to-Run's own mark (UpdateChannelChanged) that a new channel waits for its first update.")),
  channelSwitch: z
    .nullable(channelSwitch)
    .check(z.describe('The channel change of c2r/setChannel; null where there is none.')),
  lastError: z
    .nullable(lastError)
    .check(z.describe("Click-to-Run's own last error; null where it keeps none, or where its last run succeeded.")),
  restartPending: z
    .array(z.string())
    .check(z.describe('The registry keys that say that Windows waits for a restart; empty where it does not.')),
  lastUpdate: namedObject('LastUpdate', {
    detectedAt: z.nullable(timestamp),
    downloadedAt: z.nullable(timestamp),
    appliedAt: z.nullable(timestamp),
  }),
  backend,
});
export type Installation = z.output<typeof installation>;

/** What the update task of Office moves. */
const detection = namedObject('Detection', {
  detectedAt: z.nullable(timestamp),
  version: z.nullable(z.string()),
  stagedVersion: z.nullable(z.string()),
  channel: z.nullable(z.string()),
  channelChangePending: z.nullable(z.boolean()),
});

const phaseReport = namedObject('UpdatePhase', {
  phase,
  status: updateStatusFields.status,
  elapsedMs: z.int().check(z.minimum(0)),
});

const actionErrors = [
  'NotAvailable',
  'AccessDenied',
  'IllegalState',
  'UpdateFailed',
  'Timeout',
  'Blocked',
  'InUse',
  'WindowsError',
] as const;

export const c2r = {
  installation: method('c2r/installation', {
    summary: 'Shows what Click-to-Run has installed and which rule decides where its updates come from.',
    params: z.strictObject({}),
    result: installation,
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  status: method('c2r/status', {
    summary: 'Shows what Click-to-Run is doing, or how its last action ended.',
    params: z.strictObject({}),
    result: updateStatus,
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  download: method('c2r/download', {
    summary: 'Starts an update download; with `wait`, returns when it has ended.',
    params: z.strictObject({ ...downloadParams, ...waiting, ...pacing }),
    result: updateStatus,
    progress: updateProgress,
    errors: actionErrors,
  }),
  apply: method('c2r/apply', {
    summary: 'Installs what was downloaded; with `wait`, returns when it has ended and compares the versions.',
    params: z.strictObject({ ...applyParams, ...waiting, ...pacing }),
    result: z.object({
      ...updateStatusFields,
      versionBefore: z.optional(z.nullable(z.string())).check(z.describe('Only when waited.')),
      versionAfter: z.optional(z.nullable(z.string())).check(z.describe('Only when waited.')),
      changed: z.optional(z.boolean()).check(z.describe('Only when waited: whether the version moved.')),
      backend,
    }),
    progress: updateProgress,
    errors: actionErrors,
  }),
  cancel: method('c2r/cancel', {
    summary: 'Stops the running download and removes what it had fetched.',
    params: z.strictObject({
      wait: waiting.wait,
      timeoutMs: z.optional(timeoutMs),
    }),
    result: updateStatus,
    errors: ['NotAvailable', 'AccessDenied', 'IllegalState', 'Timeout', 'WindowsError'],
  }),
  wait: method('c2r/wait', {
    summary: 'Returns once no action runs any more; at once when none does.',
    params: z.strictObject(pacing),
    result: updateStatus,
    progress: updateProgress,
    errors: ['NotAvailable', 'AccessDenied', 'Timeout', 'WindowsError'],
  }),
  update: method('c2r/update', {
    summary: 'Downloads and applies an update, then checks that the installed version really moved.',
    params: z.strictObject({
      ...downloadParams,
      ...applyParams,
      onBlockingApps: z
        ._default(z.enum(['fail', 'force', 'wait']), 'fail')
        .check(
          z.describe(
            'When Office apps run: `fail` with Blocked before anything is downloaded; `force` them to close; or download ' +
              'and `wait` until people close them. `force` is the same as `forceAppShutdown`.',
          ),
        ),
      pin: z
        ._default(z.boolean(), false)
        .check(
          z.describe(
            'Keeps the device at `updateToVersion` afterwards, as c2r/setTargetVersion does: without it the next update ' +
              'may undo a rollback.',
          ),
        ),
      ...pacing,
    }),
    result: z.object({
      changed: z
        .boolean()
        .check(
          z.describe(
            'Whether the installed version, as Click-to-Run reports it (VersionToReport), is another than before.',
          ),
        ),
      versionBefore: z.nullable(z.string()),
      versionAfter: z.nullable(z.string()),
      targetVersion: targetVersion.check(z.describe('What holds the device at a version, after the update.')),
      phases: z.array(phaseReport),
      backend,
    }),
    progress: updateProgress,
    errors: actionErrors,
  }),
  blockingApps: method('c2r/blockingApps', {
    summary: 'Lists the running Office apps that keep an update from being applied.',
    params: z.strictObject({}),
    result: z.object({ apps: z.array(z.string()), backend }),
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  deploymentData: method('c2r/deploymentData', {
    summary: 'Reads deployment data that Office keeps; its types and names are not published.',
    params: z.strictObject({
      dataType: z
        .int()
        .check(z.minimum(-0x8000_0000), z.maximum(0x7fff_ffff), z.describe('The number that Office calls dataType.')),
      name: z
        .optional(z.string().check(z.maxLength(2048), z.regex(/^[^\p{Cc}]*$/u, 'must have no control characters')))
        .check(z.describe('The name within the type; an empty string when absent.')),
    }),
    result: z.object({
      raw: z.nullable(z.string()).check(z.describe('The text as Office gave it; null where it gave none.')),
      value: z.unknown().check(z.describe('The same, parsed, where it is XML or JSON; else null.')),
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  setManagement: method('c2r/setManagement', {
    summary: 'Turns the management of updates through COM on or off, or removes the setting.',
    params: z.strictObject({
      enabled: z.nullable(z.boolean()).check(z.describe('true turns it on, false off, null removes the policy value.')),
    }),
    result: z.object({
      before: comManagement,
      after: comManagement,
      changed: z.boolean(),
      restartRequired: z
        .boolean()
        .check(
          z.describe('Whether the Click-to-Run service must be restarted before the COM object follows the setting.'),
        ),
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  setChannel: method('c2r/setChannel', {
    summary: 'Moves the device to another update channel through the policy UpdateBranch, or undoes that.',
    params: z.strictObject({
      channel: z.optional(channelName).check(z.describe('The channel to move to; either this or `undo`.')),
      undo: z
        ._default(z.boolean(), false)
        .check(z.describe('Puts back what the policy said before the first c2r/setChannel; either this or `channel`.')),
      force: z
        ._default(z.boolean(), false)
        .check(
          z.describe(
            'Writes also where another rule wins, another manager set the policy, updates have a source of their own, or ' +
              'the channel is not one of the licence.',
          ),
        ),
      whatIf: z
        ._default(z.boolean(), false)
        .check(z.describe('Makes every check and writes nothing; `changed` then says whether it would.')),
    }),
    result: z.object({
      changed: z.boolean().check(z.describe('Whether the policy was written.')),
      before: updateSource,
      after: updateSource,
      pending,
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'Blocked', 'InUse', 'WindowsError'],
  }),
  setTargetVersion: method('c2r/setTargetVersion', {
    summary:
      'Holds the device at a version through the policy updatetargetversion, clears what pins it, or undoes that.',
    params: z.strictObject({
      version: z
        .optional(officeVersion)
        .check(z.describe('The version to hold the device at; one of `version`, `clearLeftover` and `undo`.')),
      clearLeftover: z
        ._default(z.boolean(), false)
        .check(
          z.describe(
            'Removes a left-over Configuration\\UpdateToVersion and a stuck UpdateChannelChanged, which keep updates away.',
          ),
        ),
      undo: z
        ._default(z.boolean(), false)
        .check(z.describe('Puts back what was there before the first change by this method.')),
      force: z
        ._default(z.boolean(), false)
        .check(z.describe('Writes also where the cloud pins another version, or another manager set the policy.')),
    }),
    result: z.object({
      changed: z.boolean().check(z.describe('Whether anything was written.')),
      before: targetVersion,
      after: targetVersion,
      pending: z
        .array(
          namedObject('TargetVersionPending', {
            reason: z.enum(['otherRuleDecides', 'update', 'channelChange']),
            detail: z.string(),
          }),
        )
        .check(z.describe('What the device still waits for before it is at the pinned version.')),
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'Blocked', 'InUse', 'WindowsError'],
  }),
  detect: method('c2r/detect', {
    summary: 'Runs the task "Office Automatic Updates 2.0", which looks for updates and takes up a new channel.',
    params: z.strictObject({
      reset: z
        ._default(z.boolean(), false)
        .check(
          z.describe(
            'Removes UpdateDetectionLastRunTime first, so that Office does not skip the detection because of the last one.',
          ),
        ),
      ...waiting,
      ...pacing,
    }),
    result: z.object({
      reset: z.boolean().check(z.describe('Whether there was a time of the last detection to remove.')),
      running: z.boolean().check(z.describe('Whether the task still runs.')),
      before: detection,
      after: detection,
      moved: z
        .array(z.string())
        .check(z.describe('The names of what is not the same after as before, for example detectedAt.')),
      backend,
    }),
    progress: updateProgress,
    errors: ['NotAvailable', 'AccessDenied', 'Blocked', 'InUse', 'Timeout', 'WindowsError'],
  }),
} as const;
