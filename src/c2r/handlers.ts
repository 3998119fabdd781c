import type { c2r } from '../contract/c2r.js';
import type { Handlers } from '../contract/method.js';
import { apply, download, refuseWhenAppsRun, refuseWhenOwned, startApply, startDownload } from './actions.js';
import { blockingApps } from './blocking-apps.js';
import { refuseUnlessOneChoice, setChannel } from './channel.js';
import { parsedDeploymentData } from './deployment-data.js';
import { installation } from './installation.js';
import { setManagement } from './management.js';
import { attempt, cancelDownload } from './office-request.js';
import { oneAtATime } from './one-at-a-time.js';
import { refuseHalfContentPair } from './parameters.js';
import type { Office } from './port.js';
import { refuseContradiction, update } from './update.js';
import { untilEnded } from './waiting.js';

/** All `c2r/*` methods over one Office. */
export function c2rHandlers(office: Office): Handlers<typeof c2r> {
  const { backend } = office;
  const exclusively = oneAtATime();

  return {
    installation: (_, run) => attempt(office, run, {}, (current) => current.within(installation(office))),

    status: (_, run) => attempt(office, run, {}, async (current) => ({ ...(await current.look()), backend })),

    async download(params, run) {
      refuseHalfContentPair(params);
      return exclusively('c2r/download', run.clock, () =>
        attempt(office, run, params, async (current) => {
          await refuseWhenOwned(office);
          current.enter('download');
          if (params.wait) return { ...(await download(current, params)), backend };
          return { ...(await startDownload(current, params)), backend };
        }),
      );
    },

    apply: (params, run) =>
      exclusively('c2r/apply', run.clock, () =>
        attempt(office, run, params, async (current) => {
          await refuseWhenOwned(office);
          current.enter('apply');
          if (!params.forceAppShutdown) await refuseWhenAppsRun(current);
          if (params.wait) {
            const { status, ...versions } = await apply(current, params);
            return { ...status, ...versions, backend };
          }
          return { ...(await startApply(current, params)), backend };
        }),
      ),

    cancel: (params, run) =>
      attempt(office, run, { ...params, pollMs: 100 }, async (current) => {
        const status = await cancelDownload(current);
        if (!params.wait || !status.busy) return { ...status, backend };
        return { ...(await untilEnded(current, null)).status, backend };
      }),

    wait: (params, run) =>
      attempt(office, run, params, async (current) => ({
        ...(await untilEnded(current, null)).status,
        backend,
      })),

    async update(params, run) {
      refuseHalfContentPair(params);
      refuseContradiction(params);
      return exclusively('c2r/update', run.clock, () =>
        attempt(office, run, params, async (current) => {
          const { phases, ...result } = await update(current, params);
          return { ...result, phases: [...phases], backend };
        }),
      );
    },

    blockingApps: (_, run) =>
      attempt(office, run, {}, async (current) => ({
        apps: await current.within(blockingApps(office)),
        backend,
      })),

    deploymentData: ({ dataType, name = '' }, run) =>
      attempt(office, run, {}, async (current) => {
        const raw = await current.within(office.updates.deploymentData(dataType, name));
        return { raw, value: parsedDeploymentData(raw), backend };
      }),

    setManagement: ({ enabled }, run) =>
      attempt(office, run, {}, async () => ({
        ...(await setManagement(office, enabled)),
        backend,
      })),

    async setChannel(params, run) {
      refuseUnlessOneChoice(params);
      return exclusively('c2r/setChannel', run.clock, () =>
        attempt(office, run, {}, async () => ({
          ...(await setChannel(office, params, run.clock)),
          backend,
        })),
      );
    },
  };
}
