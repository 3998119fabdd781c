import * as z from 'zod/mini';
import { Failure } from '../base/failure.js';
import { defender, updateSources } from '../contract/defender.js';
import { timestamp } from '../contract/types.js';
import type { Resource } from './resource.js';
import { canonicalProperties, readOnly } from './schema.js';

const hour = 3_600_000;

const state = z.strictObject({
  maxAgeHours: z
    .optional(z.int().check(z.minimum(1), z.maximum(8760)))
    .check(z.describe('How old the antivirus signatures may be, in hours.')),
  source: z
    .optional(z.enum(updateSources))
    .check(
      z.describe(
        'Where an update takes the signatures from; default is the order that the machine is configured with.',
      ),
    ),
  signatureVersion: z.optional(z.string()).check(z.meta(readOnly('The version of the antivirus signatures.'))),
  updatedAt: z.optional(timestamp).check(z.meta(readOnly('When the antivirus signatures were last updated.'))),
  ageHours: z
    .optional(z.number().check(z.minimum(0)))
    .check(z.meta(readOnly('How old the antivirus signatures are, in hours.'))),
  ...canonicalProperties,
});

/** The age of the antivirus signatures of Microsoft Defender. */
export const defenderSignature: Resource<typeof state> = {
  type: 'C2RBridge/DefenderSignature',
  description: 'The age of the antivirus signatures of Microsoft Defender, and where their updates come from.',
  tags: ['Windows', 'Defender', 'Security'],
  state,

  async get({ call, now }) {
    const { versions } = await call(defender.status, {});
    if (!versions) {
      throw new Failure('NotAvailable', 'The service of Microsoft Defender cannot be reached.', {
        reason: 'serviceNotRunning',
        recommendation: 'Start the service WinDefend; bridge/doctor says what keeps it from running.',
      });
    }
    const { version, updatedAt } = versions.antivirusSignature;
    return {
      ...(version === null ? {} : { signatureVersion: version }),
      ...(updatedAt === null
        ? {}
        : {
            updatedAt,
            ageHours: Math.max(0, Math.round((now().getTime() - Date.parse(updatedAt)) / (hour / 10)) / 10),
          }),
    };
  },

  exists: () => true,

  plan({ maxAgeHours, source = 'default' }, { ageHours }, { call, trace }) {
    if (maxAgeHours === undefined || (ageHours !== undefined && ageHours <= maxAgeHours)) return [];
    return [
      {
        property: 'maxAgeHours',
        description: `Update the antivirus signatures (source: ${source})`,
        async run() {
          const { changed, message, rebootRequired } = await call(defender.update, { source });
          if (!changed) trace.warn(`The source ${source} has no newer signatures. ${message}`);
          return rebootRequired ? { restartRequired: { system: 'this computer' } } : {};
        },
      },
    ];
  },
};
