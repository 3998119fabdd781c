import * as z from 'zod/mini';
import { backend } from './backend.js';
import { method } from './method.js';
import { named, namedObject } from './named.js';

/** The version of this contract. A client that speaks another one is refused with a text that names both. */
export const protocolVersion = 1;

/** Names both versions where a client speaks another one. */
function otherVersion({ input }: { readonly input: unknown }): string | undefined {
  if (typeof input !== 'number') return undefined;
  return `this bridge speaks version ${protocolVersion}, the client asked for ${input}`;
}

/** The schema of a `Check`. */
export const check = () =>
  namedObject('HealthCheck', {
    id: z.string(),
    area: z.enum(['bridge', 'office', 'defender', 'bits']),
    ok: z.nullable(z.boolean()),
    detail: z.string(),
    recommendation: z.nullable(z.string()),
  });

/** One finding of the doctor. `ok` is null where the check does not apply or could not be made. */
export type Check = z.output<ReturnType<typeof check>>;

/** With getters, because a session starts with these: of all their schemas it needs one. */
export const bridge = {
  initialize: method('initialize', {
    summary: 'Opens the session: agrees on the protocol version and says which bridge and backend answer.',
    get params() {
      return z.strictObject({
        protocolVersion: z
          .literal(protocolVersion, { error: otherVersion })
          .check(z.describe('The version of the protocol that the client speaks.')),
        client: z.optional(
          z
            .strictObject({
              name: z.string().check(z.maxLength(256)),
              version: z.string().check(z.maxLength(256)),
            })
            .check(named('Client')),
        ),
        parentProcessId: z
          .optional(z.int().check(z.minimum(1), z.maximum(0xffff_ffff)))
          .check(z.describe('The bridge ends when this process ends, even where stdin stays open.')),
      });
    },
    get result() {
      return z.object({
        protocolVersion: z.literal(protocolVersion),
        server: namedObject('Server', { name: z.string(), version: z.string() }),
        backend,
        process: namedObject('ServerProcess', {
          pid: z.int(),
          node: z.string(),
          arch: z.string(),
          elevated: z.boolean(),
        }),
      });
    },
  }),
  ping: method('bridge/ping', {
    summary: 'Answers at once; shows that the bridge is alive and its event loop free.',
    get params() {
      return z.strictObject({});
    },
    get result() {
      return z.object({});
    },
  }),
  doctor: method('bridge/doctor', {
    summary: 'Checks everything that an update needs and says what to do about each fault.',
    get params() {
      return z.strictObject({});
    },
    get result() {
      return z.object({ checks: z.array(check()), backend });
    },
  }),
  discover: method('rpc.discover', {
    summary: 'Describes every method as an OpenRPC document (https://spec.open-rpc.org).',
    get params() {
      return z.strictObject({});
    },
    get result() {
      return z.looseObject({ openrpc: z.string() });
    },
  }),
  shutdown: method('shutdown', {
    summary: 'Ends the work: no further request is accepted, and `exit` then ends the process with code 0.',
    get params() {
      return z.strictObject({});
    },
    get result() {
      return z.null();
    },
  }),
} as const;
