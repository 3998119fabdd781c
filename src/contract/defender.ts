import * as z from 'zod/mini';
import { method } from './method.js';
import { backend, hresult, progressFields, timeoutMs, timestamp } from './types.js';

/** Where signatures come from; `default` follows the order that the machine is configured with. */
export const updateSources = ['default', 'managed', 'unmanaged', 'http', 'unc'] as const;
export type UpdateSource = (typeof updateSources)[number];

const componentVersion = z.object({
  version: z
    .nullable(z.string())
    .check(z.describe('Four numbers such as 1.421.12.0; null where the component is not there.')),
  updatedAt: z.nullable(timestamp),
});

/** The components of MPVERSION_INFO that people ask about. */
export const versions = z.object({
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

/** What Windows shows about who may keep Defender from working; each is what the registry says, not a guess. */
export const conditions = z.object({
  passiveMode: z.boolean().check(z.describe('Whether Defender was put into passive mode beside another antivirus.')),
  thirdPartyAntivirus: z
    .array(z.string())
    .check(z.describe('Other antivirus products that registered with Security Center.')),
  disabledByPolicy: z.boolean().check(z.describe('Whether a policy turns Defender off.')),
  serviceDisabled: z.boolean().check(z.describe('Whether the WinDefend service is set to never start.')),
  tamperProtection: z
    .nullable(z.boolean())
    .check(z.describe('Whether tamper protection is on; null where it does not show.')),
});
export type Conditions = z.output<typeof conditions>;

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

const phaseReport = z.object({
  phase,
  startedMs: z.int().check(z.minimum(0), z.describe('When the phase began, in milliseconds after the request.')),
  elapsedMs: z.int().check(z.minimum(0)),
  updateTotal: updateCounts.updateTotal,
  updateType: z
    .nullable(z.int())
    .check(z.describe('MPSIGUPDATE_TYPE as Defender gave it; its numbers are not published.')),
  path: z.nullable(z.string()).check(z.describe('Where this phase took its updates from, where Defender says so.')),
});
export type PhaseReport = z.output<typeof phaseReport>;

/** A notification that is worth telling besides the phases: how often it came and what it said last. */
const notificationReport = z.object({
  notification: z.int().check(z.minimum(0), z.describe('The raw MPNOTIFY number.')),
  name: z.nullable(z.string()).check(z.describe('Its documented name; null for an unknown one.')),
  type: z.int().check(z.minimum(0), z.describe('The raw MPCALLBACK_TYPE.')),
  hresult,
  hresultHex: z.string(),
  count: z.int().check(z.minimum(1)),
});
export type NotificationReport = z.output<typeof notificationReport>;

export const defender = {
  status: method('defender/status', {
    summary: 'Shows the versions of Defender and its signatures, what is due, and whether Defender is at work.',
    params: z.strictObject({}),
    result: z.object({
      versions: z.nullable(versions).check(z.describe('null while the service cannot be reached.')),
      due: z
        .nullable(
          z.object({
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
      runningMode: z
        .enum(['normal', 'passive', 'disabled', 'notRunning'])
        .check(z.describe('`notRunning`: the service cannot be reached; `disabled`: it runs and Defender is off.')),
      conditions,
      backend,
    }),
    errors: ['NotAvailable', 'AccessDenied', 'WindowsError'],
  }),
  update: method('defender/update', {
    summary: 'Updates the signatures of Defender and returns when the update has ended.',
    params: z.strictObject({
      source: z
        ._default(z.enum(updateSources), 'default')
        .check(
          z.describe(
            'Where from: `managed` is WSUS, `unmanaged` Microsoft Update, `http` the full package from Microsoft, `unc` the configured shares; `default` the configured order.',
          ),
        ),
      timeoutMs: z.optional(timeoutMs),
    }),
    result: z.object({
      changed: z
        .boolean()
        .check(
          z.describe('Whether a version moved; false where no update was needed. Unread versions count as moved.'),
        ),
      versionsBefore: z.nullable(versions),
      versionsAfter: z.nullable(versions),
      rebootRequired: z.boolean(),
      hresult: hresult.check(z.describe('How the update ended: 0, or 1 where no update was needed.')),
      hresultHex: z.string(),
      hresultName: z.nullable(z.string()),
      message: z.string().check(z.describe("Defender's own text for the HRESULT.")),
      elapsedMs: z.int().check(z.minimum(0)),
      phases: z.array(phaseReport),
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
