import * as z from 'zod/mini';
import { method } from './method.js';
import { namedObject } from './named.js';
import { backend, hresult, progressFields, timeoutMs, timestamp } from './types.js';

/** The longest age of signatures that can be allowed: a year. */
export const longestAgeHours = 8760;

/** Whether the clock of a device may be wrong: its signatures are ahead of it, or older than anybody would let them get. */
export const doubtsClock = (state: string | undefined, hours: number): boolean =>
  state === 'clockAhead' || hours > longestAgeHours;

/** Where signatures come from; `default` follows the order that the machine is configured with. */
export const updateSources = ['default', 'managed', 'unmanaged', 'http', 'unc'] as const;
export type UpdateSource = (typeof updateSources)[number];

const componentVersion = namedObject('ComponentVersion', {
  version: z
    .nullable(z.string())
    .check(z.describe('Four numbers such as 1.421.12.0; null where the component is not there.')),
  updatedAt: z.nullable(timestamp),
});

/** The components of MPVERSION_INFO that people ask about. */
export const versions = namedObject('DefenderVersions', {
  product: componentVersion,
  service: componentVersion,
  engine: componentVersion,
  antivirusSignature: componentVersion,
  antispywareSignature: componentVersion,
  nisEngine: componentVersion,
  nisSignature: componentVersion,
});
export type Versions = z.output<typeof versions>;

/**
 * MPSTATUS_FLAG without its prefix; the position is the bit.
 * https://learn.microsoft.com/windows/win32/lwef/mpstatus-flag
 */
export const statusFlagNames = [
  'SERVICE_UNAVAILABLE',
  'MPENGINE_UNAVAILABLE',
  'THREAT_FULLSCAN_REQUIRED',
  'THREAT_REBOOT_REQUIRED',
  'THREAT_MANUAL_STEPS_REQUIRED',
  'DUE_AV_SIGNATURE',
  'DUE_AS_SIGNATURE',
  'DUE_QUICK_SCAN',
  'DUE_FULL_SCAN',
  'INPROGRESS_SYSTEM_SCAN',
  'INPROGRESS_ROUTINE_CLEANING',
  'DUE_SAMPLES',
  'EVALUATION_MODE',
  'NONGENUINE',
  'PRODUCT_EXPIRED',
  'THREAT_CALLISTO_REQUIRED',
  'SERVICE_ON_SYSTEM_SHUTDOWN',
  'SERVICE_CRITICAL_FAILURE',
  'SERVICE_NON_CRITICAL_FAILURE',
  'HEALTH_INITIALIZED',
  'DUE_PLATFORM_UPDATE',
  'INPROGRESS_PLATFORM_UPDATE',
  'PLATFORM_ABOUT_TO_BE_OUTDATED',
  'END_OF_LIFE',
] as const;

/**
 * MPSIGUPDATE_TYPE without its prefix; the position is the number.
 * https://learn.microsoft.com/windows/win32/lwef/mpsigupdate-type names them in this order.
 */
export const updateTypeNames = [
  'NONE',
  'MANAGED',
  'HTTP',
  'HTTP_SRV',
  'UNC',
  'UNMANAGED',
  'MANAGED_PLATFORM',
  'UNMANAGED_PLATFORM',
] as const;

/**
 * MP_UPDATE_STAGE without prefix and suffix; the position is the number.
 * https://learn.microsoft.com/windows/win32/lwef/mp-update-stage names them in this order.
 */
export const updateStageNames = ['UNKNOWN', 'SEARCH', 'DOWNLOAD', 'INSTALL'] as const;

const updateType = z
  .nullable(z.union([z.enum(updateTypeNames), z.int()]))
  .check(z.describe('MPSIGUPDATE_TYPE by its documented name, or its number where that has none.'));

/** What Windows shows about who may keep Defender from working; each is what the registry says, not a guess. */
export const conditions = namedObject('DefenderConditions', {
  passiveMode: z
    .boolean()
    .check(z.describe('Whether a setting asks for passive mode; `runningMode` says whether Defender follows it.')),
  passiveModeForced: z.boolean().check(z.describe('Whether the policy ForceDefenderPassiveMode is set.')),
  passiveModeNote: z
    .nullable(z.int())
    .check(z.describe("PassiveMode of Defender's own key, whose numbers are not documented; null where it is absent.")),
  edrBlockMode: z.boolean().check(z.describe('Whether the policy for EDR in block mode (PassiveRemediation) is set.')),
  thirdPartyAntivirus: z
    .array(z.string())
    .check(z.describe('Other antivirus products that registered with Security Center.')),
  disabledByPolicy: z
    .boolean()
    .check(z.describe("Whether a policy asks to turn Defender off; today's platforms ignore DisableAntiSpyware.")),
  serviceDisabled: z.boolean().check(z.describe('Whether the WinDefend service is set to never start.')),
  tamperProtection: z
    .nullable(z.boolean())
    .check(z.describe('Whether tamper protection is on; null where it does not show.')),
});
export type Conditions = z.output<typeof conditions>;

/** What AMRunningMode of Get-MpComputerStatus tells, and `disabled`: the service runs and Defender is off. */
export const runningModes = ['normal', 'passive', 'edrBlock', 'sideBySidePassive', 'disabled', 'notRunning'] as const;
export type RunningMode = (typeof runningModes)[number];

const signatureAge = namedObject('SignatureAge', {
  state: z
    .enum(['current', 'tooOld', 'never', 'clockAhead'])
    .check(
      z.describe('`never`: the signatures were never updated; `clockAhead`: their update lies ahead of the clock.'),
    ),
  hours: z
    .nullable(z.number().check(z.minimum(0)))
    .check(z.describe('Hours since the update; null where it never happened or lies ahead of the clock.')),
  maxHours: z.int().check(z.describe('The age that was allowed.')),
  detail: z.string().check(z.describe('One sentence for people.')),
  recommendation: z.nullable(z.string()).check(z.describe('What to do; null where the age is fine.')),
});
export type SignatureAge = z.output<typeof signatureAge>;

const serviceStates = [
  'stopped',
  'starting',
  'stopping',
  'running',
  'continuing',
  'pausing',
  'paused',
  'unknown',
] as const;

const updateSettings = namedObject('DefenderUpdateSettings', {
  order: z
    .array(z.string())
    .check(
      z.describe('The sources in the order in which Defender tries them; a name of no known source as it stands.'),
    ),
  orderSetBy: z.enum(['policy', 'preference', 'default']),
  fileShares: z.array(z.string()).check(z.describe('DefinitionUpdateFileSharesSources.')),
  sharedSignatures: z
    .nullable(z.string())
    .check(z.describe('A folder that signatures are shared from (SharedSignatureRoot), which turns the sources off.')),
  wsusServer: z.nullable(z.string()).check(z.describe('The WSUS server that Windows Update uses; null without one.')),
  automaticUpdates: namedObject('AutomaticUpdates', {
    disabledByPolicy: z.boolean().check(z.describe('Whether the policy NoAutoUpdate is set.')),
    startType: z.nullable(z.enum(['automatic', 'manual', 'disabled'])),
    state: z.nullable(z.enum(serviceStates)),
  }),
  lastDelivered: z
    .nullable(namedObject('LastDelivered', { source: z.enum(updateSources), updateType, at: timestamp }))
    .check(
      z.describe('The source of the last update that this bridge ran and that changed something; null before one.'),
    ),
  problems: z.array(z.string()).check(z.describe('What contradicts itself in these settings.')),
});
export type UpdateSettings = z.output<typeof updateSettings>;

const phase = z.enum(['search', 'download', 'install']);
export type UpdatePhase = z.output<typeof phase>;

const updateCounts = {
  updateIndex: z
    .nullable(z.int().check(z.minimum(0)))
    .check(z.describe('Which of the updates it is about, counted from zero.')),
  updateTotal: z.nullable(z.int().check(z.minimum(0))).check(z.describe('How many updates there are.')),
} as const;

const updateProgress = z.object({
  phase: phase.check(z.describe('What Defender is doing; a phase can come again when a second source is tried.')),
  ...progressFields,
  ...updateCounts,
  phasePercent: z
    .nullable(z.number().check(z.minimum(0), z.maximum(100)))
    .check(z.describe("Defender's own figure for the phase.")),
});
export type UpdateProgress = z.output<typeof updateProgress>;

const phaseReport = namedObject('DefenderUpdatePhase', {
  phase,
  startedMs: z.int().check(z.minimum(0), z.describe('When the phase began, in milliseconds after the request.')),
  elapsedMs: z.int().check(z.minimum(0)),
  updateTotal: updateCounts.updateTotal,
  updateType,
  stage: z
    .nullable(z.union([z.enum(updateStageNames), z.int()]))
    .check(z.describe('MP_UPDATE_STAGE by its documented name, or its number where that has none.')),
  path: z.nullable(z.string()).check(z.describe('Where this phase took its updates from, where Defender says so.')),
});
export type PhaseReport = z.output<typeof phaseReport>;

/** A notification that is worth telling besides the phases: how often it came and what it said last. */
const notificationReport = namedObject('DefenderNotification', {
  notification: z.int().check(z.minimum(0), z.describe('The raw MPNOTIFY number.')),
  name: z.nullable(z.string()).check(z.describe('Its documented name; null for an unknown one.')),
  type: z.int().check(z.minimum(0), z.describe('The raw MPCALLBACK_TYPE.')),
  hresult,
  hresultHex: z.string(),
  count: z.int().check(z.minimum(1)),
});
export type NotificationReport = z.output<typeof notificationReport>;

const updateAttempt = namedObject('DefenderUpdateAttempt', {
  source: z.enum(updateSources),
  startedMs: z.int().check(z.minimum(0), z.describe('When it began, in milliseconds after the request.')),
  elapsedMs: z.int().check(z.minimum(0)),
  hresult,
  hresultHex: z.string(),
  hresultName: z.nullable(z.string()),
  message: z.string(),
  phase: z.nullable(phase).check(z.describe('The phase in which it ended.')),
  updateType,
});
export type UpdateAttempt = z.output<typeof updateAttempt>;

export const defender = {
  status: method('defender/status', {
    summary:
      'Shows the versions of Defender and its signatures, their age and sources, what is due, and how Defender runs.',
    params: z.strictObject({
      maxAgeHours: z
        ._default(z.int().check(z.minimum(1), z.maximum(longestAgeHours)), 168)
        .check(z.describe('How old the antivirus signatures may be, in hours.')),
    }),
    result: z.object({
      versions: z.nullable(versions).check(z.describe('null while the service cannot be reached.')),
      due: z
        .nullable(
          namedObject('DefenderDue', {
            antivirus: z.boolean(),
            antispyware: z.boolean(),
            quickScan: z.boolean(),
            fullScan: z.boolean(),
            platform: z.boolean(),
          }),
        )
        .check(z.describe('null while the service cannot be reached.')),
      flags: z
        .array(z.string())
        .check(z.describe('Names of MPSTATUS_FLAG without prefix; BIT_n for an undocumented one.')),
      enabled: z.nullable(z.boolean()).check(z.describe('What WDStatus says; null where it cannot say.')),
      signatureAge: z.nullable(signatureAge).check(z.describe('null while the service cannot be reached.')),
      runningMode: z
        .enum(runningModes)
        .check(z.describe('`notRunning`: the service cannot be reached; `disabled`: it runs and Defender is off.')),
      runningModeConfidence: z
        .enum(['high', 'medium', 'low'])
        .check(z.describe('How well founded `runningMode` is: Windows has no documented call that tells it.')),
      runningModeReason: z.string().check(z.describe('What `runningMode` is concluded from.')),
      conditions,
      updateSettings,
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  update: method('defender/update', {
    summary:
      'Updates the signatures of Defender, from one source or from several in turn, and returns when the update has ended.',
    params: z.strictObject({
      source: z
        .optional(z.enum(updateSources))
        .check(
          z.describe(
            'Where from: `managed` is WSUS, `unmanaged` Microsoft Update, `http` the full package from Microsoft, `unc` the configured shares; `default`, also without this, the configured order.',
          ),
        ),
      sources: z
        .optional(z.array(z.enum(updateSources)).check(z.minLength(1), z.maxLength(10)))
        .check(z.describe('Sources to try one after another until one succeeds; instead of `source`.')),
      retryCount: z
        ._default(z.int().check(z.minimum(0), z.maximum(10)), 0)
        .check(z.describe('How often a source that failed is tried again, after a pause that grows from 5 s to 60 s.')),
      timeoutMs: z.optional(timeoutMs),
    }),
    result: z.object({
      changed: z
        .boolean()
        .check(
          z.describe('Whether a version moved; false where no update was needed. Unread versions count as moved.'),
        ),
      source: z.enum(updateSources).check(z.describe('The source that succeeded.')),
      attempts: z.array(updateAttempt).check(z.describe('Each attempt in turn; the last one succeeded.')),
      versionsBefore: z.nullable(versions),
      versionsAfter: z.nullable(versions),
      rebootRequired: z.boolean(),
      hresult: hresult.check(z.describe('How the update ended: 0, or 1 where no update was needed.')),
      hresultHex: z.string(),
      hresultName: z.nullable(z.string()),
      message: z.string().check(z.describe("Defender's own text for the HRESULT.")),
      elapsedMs: z.int().check(z.minimum(0)),
      phases: z.array(phaseReport).check(z.describe('The phases of the attempt that succeeded.')),
      failures: z
        .array(notificationReport)
        .check(z.describe('Failures on the way that the update got over, for example of a first source.')),
      unknownNotifications: z.array(notificationReport),
      backend,
    }),
    progress: updateProgress,
    errors: ['NotAvailable', 'AccessDenied', 'InUse', 'Timeout', 'UpdateFailed', 'WindowsError'],
  }),
} as const;
