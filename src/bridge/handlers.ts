import { untilAborted } from '../base/run.js';
import { type bridge, type Check, protocolVersion } from '../contract/bridge.js';
import type { Area, Handlers } from '../contract/method.js';
import type { Backend } from '../contract/types.js';

/** What the bridge knows of itself and of the machine that it runs on. */
export interface Bridge {
  readonly version: string;
  readonly backend: Backend;
  /** Whether the process has the rights of an administrator. */
  elevated(): Promise<boolean>;
  /** The findings of every feature, for the doctor. */
  checks(signal: AbortSignal): Promise<Check[]>;
  /** Every area of the contract. */
  areas(): Promise<readonly Area[]>;
}

/** The methods of the session itself, the doctor and the description of all methods. */
export function bridgeHandlers({ version, backend, elevated, checks, areas }: Bridge): Handlers<typeof bridge> {
  return {
    async initialize() {
      return {
        protocolVersion,
        server: { name: 'c2r-bridge', version },
        backend,
        process: {
          pid: process.pid,
          node: process.version,
          arch: process.arch,
          // A session without native calls can still stage content and say what is wrong.
          elevated: await elevated().catch(() => false),
        },
      };
    },
    ping: async () => ({}),
    // What is out of order may be that a call does not return.
    doctor: async (_, run) => ({ checks: await untilAborted(checks(run.signal), run.signal), backend }),
    async discover() {
      const { openRpcDocument } = await import('../rpc/discover.js');
      return openRpcDocument(await areas(), version);
    },
    shutdown: async () => null,
  };
}
