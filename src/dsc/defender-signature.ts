import * as z from 'zod/mini';
import { Failure, invalidParams } from '../base/failure.js';
import { defender, doubtsClock } from '../contract/defender.js';
import { signatureReported, signatureWanted } from '../contract/desired.js';
import type { Resource } from './resource.js';
import { canonicalProperties, reported } from './schema.js';

const state = z.strictObject({ ...signatureWanted, ...reported(signatureReported), ...canonicalProperties });

/** The age of the antivirus signatures of Microsoft Defender. */
export const defenderSignature: Resource<typeof state> = {
  type: 'C2RBridge/DefenderSignature',
  description: 'The age of the antivirus signatures of Microsoft Defender, and where their updates come from.',
  tags: ['Windows', 'Defender', 'Security'],
  state,
  wantedOnly: Object.keys(signatureWanted),

  async get({ call }, { maxAgeHours }) {
    const { versions, signatureAge } = await call(defender.status, maxAgeHours === undefined ? {} : { maxAgeHours });
    if (!versions || !signatureAge) {
      throw new Failure('NotAvailable', 'The service of Microsoft Defender cannot be reached.', {
        reason: 'serviceNotRunning',
        recommendation: 'Start the service WinDefend; bridge/doctor says what keeps it from running.',
      });
    }
    const { version, updatedAt } = versions.antivirusSignature;
    return {
      ...(version === null ? {} : { signatureVersion: version }),
      ...(updatedAt === null ? {} : { updatedAt }),
      ...(signatureAge.hours === null ? {} : { ageHours: signatureAge.hours }),
      ageState: signatureAge.state,
      age: signatureAge.detail,
    };
  },

  exists: () => true,

  plan({ maxAgeHours, source, sources, retryCount = 0 }, { ageState, ageHours = 0, age = '' }, { call, now }) {
    if (source !== undefined && sources !== undefined) {
      throw invalidParams([{ path: 'sources', message: 'give either source or sources' }]);
    }
    if (maxAgeHours === undefined || ageState === 'current') return [];
    const turn = sources ?? [source ?? 'default'];
    return [
      {
        property: 'maxAgeHours',
        reason: {
          code: 'MaxAgeHours',
          phrase: doubtsClock(ageState, ageHours) ? `${age} Check the clock of this device.` : age,
        },
        description: `Update the antivirus signatures (source: ${turn.join(', ')})`,
        check: async () => {
          // A service that cannot be reached has kept the state from being read.
        },
        predict: ({ signatureVersion: _, ...before }) => ({
          ...before,
          updatedAt: now().toISOString(),
          ageHours: 0,
          ageState: 'current',
          age: 'The antivirus signatures are 0 hours old.',
        }),
        async run({ remainingMs }) {
          const timeoutMs = remainingMs();
          const limit = timeoutMs === undefined ? {} : { timeoutMs };
          const result = await call(defender.update, { sources: turn, retryCount, ...limit });
          return {
            done: result.changed ? 'signatures updated' : `no newer signatures from ${result.source}`,
            ...(result.rebootRequired ? { restartRequired: { system: 'this computer' } } : {}),
          };
        },
      },
    ];
  },
};
