import * as z from 'zod/mini';
import { backend } from './backend.js';
import { c2r, channelSwitchStates } from './c2r.js';
import { channelName } from './channels.js';
import { defender, longestAgeHours, updateSources } from './defender.js';
import type { ErrorType } from './errors.js';
import { method } from './method.js';
import { named, namedObject } from './named.js';
import { officeVersion, progressFields, timeoutMs, timestamp } from './types.js';

/** What may be wanted of Office. What is not given is not managed. */
export const officeWanted = {
  channel: z
    .optional(channelName)
    .check(
      z.describe(
        'The update channel that the rules for the update source decide for. The perpetual ones cannot be set.',
      ),
    ),
  version: z.optional(officeVersion).check(z.describe('Exactly this version; an older one than installed rolls back.')),
  minimumVersion: z
    .optional(officeVersion)
    .check(z.describe('This version or a newer one; not together with version.')),
  comManagement: z
    .optional(z.boolean())
    .check(z.describe('Whether updates are managed through COM, by policy or local setting.')),
  updateStaged: z
    .optional(z.boolean())
    .check(
      z.describe(
        'Whether a downloaded update waits: true downloads one, where there is a newer version; false applies the one that waits.',
      ),
    ),
  maxStagedDays: z
    .optional(z.number().check(z.minimum(0), z.maximum(3650)))
    .check(z.describe('How many days a downloaded update may wait to be applied.')),
  onBlockingApps: z
    .optional(z.enum(['fail', 'force']))
    .check(z.describe('What applying does about running Office apps: fail (the default), or force them to close.')),
} as const;

/** What is only reported of Office. */
export const officeReported = {
  installed: z.optional(z.boolean()).check(z.describe('Whether Click-to-Run is there.')),
  stagedVersion: z.optional(z.string()).check(z.describe('The version that is downloaded and waits to be applied.')),
  stagedSince: z.optional(timestamp).check(z.describe('Since when it waits.')),
  heldAtVersion: z
    .optional(z.string())
    .check(z.describe('The version that a policy, the cloud or a leftover setting holds the device at.')),
  updateSourceRule: z.optional(z.string()).check(z.describe('The rule that decides about the update source.')),
  channelPending: z
    .optional(z.array(z.enum(channelSwitchStates)))
    .check(z.describe('What a change of the channel still waits for; empty when the version has moved.')),
} as const;

/** What may be wanted of Defender's signatures. */
export const signatureWanted = {
  maxAgeHours: z
    .optional(z.int().check(z.minimum(1), z.maximum(longestAgeHours)))
    .check(z.describe('How old the antivirus signatures may be, in hours.')),
  source: z
    .optional(z.enum(updateSources))
    .check(
      z.describe(
        'Where an update takes the signatures from; default is the order that the machine is configured with.',
      ),
    ),
  sources: z
    .optional(z.array(z.enum(updateSources)).check(z.minLength(1), z.maxLength(10)))
    .check(z.describe('Sources to try one after another until one succeeds; not together with source.')),
  retryCount: z
    .optional(z.int().check(z.minimum(0), z.maximum(10)))
    .check(z.describe('How often a source that failed is tried again.')),
} as const;

/** What is only reported of Defender's signatures. */
export const signatureReported = {
  signatureVersion: z.optional(z.string()).check(z.describe('The version of the antivirus signatures.')),
  updatedAt: z.optional(timestamp).check(z.describe('When the antivirus signatures were last updated.')),
  ageHours: z
    .optional(z.number().check(z.minimum(0)))
    .check(
      z.describe(
        'How old the antivirus signatures are, in hours; absent where they were never updated or are ahead of the clock.',
      ),
    ),
  ageState: z
    .optional(z.enum(['current', 'tooOld', 'never', 'clockAhead']))
    .check(z.describe('What that age is against maxAgeHours, or against a week.')),
  age: z.optional(z.string()).check(z.describe('The same in a sentence.')),
} as const;

const wanted = {
  office: z.optional(z.strictObject(officeWanted).check(named('OfficeWanted'))),
  defenderSignature: z.optional(z.strictObject(signatureWanted).check(named('DefenderSignatureWanted'))),
  exempt: z
    ._default(z.array(z.enum(['noOffice', 'thirdPartyAntivirus'])), [])
    .check(
      z.describe(
        'Devices of which nothing is wanted: without Office; whose protection another antivirus owns (Defender is passive, off or stopped).',
      ),
    ),
} as const;

const found = {
  inDesiredState: z.boolean(),
  exempted: z.nullable(z.string()).check(z.describe('Why nothing is wanted of this device; null where it is managed.')),
  office: z.nullable(namedObject('OfficeState', { ...officeWanted, ...officeReported })),
  defenderSignature: z.nullable(namedObject('DefenderSignatureState', { ...signatureWanted, ...signatureReported })),
  reasons: z
    .array(
      namedObject('DesiredStateReason', {
        code: z.string().check(z.describe('For programs, for example MinimumVersion.')),
        property: z.nullable(z.string()).check(z.describe('The property that is not as wanted.')),
        phrase: z.string().check(z.describe('For people, in a sentence.')),
      }),
    )
    .check(z.describe('What is not as wanted, in the order in which it would be put right.')),
  notes: z
    .array(z.string())
    .check(
      z.describe(
        'Sentences that may explain it: settings that contradict each other, a pinned version, the last error.',
      ),
    ),
  backend,
} as const;

const errors: readonly ErrorType[] = [
  ...new Set<ErrorType>([
    'NotAvailable',
    ...c2r.update.errors,
    ...c2r.setManagement.errors,
    ...c2r.setChannel.errors,
    ...defender.update.errors,
  ]),
];

/** What a device should be like, tested and brought about: the same for DSC, Intune and Configuration Manager. */
export const desired = {
  test: method('desired/test', {
    summary:
      'Says whether Office, or the signatures of Defender, are as wanted: give either office or defenderSignature.',
    params: z.strictObject(wanted),
    result: z.object(found),
    errors,
  }),
  set: method('desired/set', {
    summary:
      'Brings about what is wanted of Office, or of the signatures of Defender: give one of the two. Where a step fails, `done` of the error has what was done before it.',
    params: z.strictObject({
      ...wanted,
      whatIf: z._default(z.boolean(), false).check(z.describe('Changes nothing, and predicts what would come of it.')),
      wait: z
        ._default(z.boolean(), true)
        .check(
          z.describe(
            'Whether to wait for the end of what is started; if not, the next step is started and that is all.',
          ),
        ),
      timeoutMs: z.optional(timeoutMs),
    }),
    result: z.object({
      ...found,
      changed: z
        .boolean()
        .check(z.describe('Whether the version of Office, or of the antivirus signatures, is another than before.')),
      versionBefore: z.nullable(z.string()),
      versionAfter: z.nullable(z.string()).check(z.describe('With whatIf the same as before.')),
      done: z.array(z.string()).check(z.describe('What was done, or with whatIf would be, in words for people.')),
      continues: z.boolean().check(z.describe('Whether Windows is still at work on it.')),
      nothingNewer: z
        .boolean()
        .check(
          z.describe(
            'Whether nothing is left to bring about but updateStaged, and the update source has nothing newer: no failure.',
          ),
        ),
      restartRequired: z
        .array(z.record(z.string(), z.string()))
        .check(z.describe("What has to be restarted, in DSC's form: {service: name} or {system: name}.")),
    }),
    progress: namedObject('DesiredProgress', {
      phase: z.string().check(z.describe('A phase of the update that runs: of c2r/update or of defender/update.')),
      ...progressFields,
    }),
    errors,
  }),
} as const;
