import type { c2r } from '../contract/c2r.js';
import type { Handlers } from '../contract/method.js';
import { apply, download, refuseWhenAppsRun, refuseWhenOwned, startApply, startDownload } from './actions.js';
import { blockingApps } from './blocking-apps.js';
import { cancelDownload } from './cancel.js';
import { refuseUnlessOneChoice, setChannel } from './channel.js';
import { parsedDeploymentData } from './deployment-data.js';
import { detect } from './detect.js';
import { installation } from './installation.js';
import { setManagement } from './management.js';
import { carryOut } from './office-request.js';
import { oneAtATime } from './one-at-a-time.js';
import { refuseBadDownload } from './parameters.js';
import type { Office } from './port.js';
import { refuseUnlessOneTarget, setTargetVersion } from './target-version.js';
import { refuseContradiction, update } from './update.js';
import { untilEnded } from './waiting.js';

/** All `c2r/*` methods over one Office. */
export function c2rHandlers(office: Office): Handlers<typeof c2r> {
  const { backend } = office;
  const exclusively = oneAtATime();

  return {
    installation: (_, run) => carryOut(office, run, {}, (request) => request.within(installation(office))),

    status: (_, run) => carryOut(office, run, {}, async (request) => ({ ...(await request.look()), backend })),

    async download(params, run) {
      refuseBadDownload(params, office);
      return exclusively('c2r/download', run.clock, () =>
        carryOut(office, run, params, async (request) => {
          await refuseWhenOwned(office);
          request.enter('download');
          if (params.wait) return { ...(await download(request, params)), backend };
          return { ...(await startDownload(request, params)), backend };
        }),
      );
    },

    apply: (params, run) =>
      exclusively('c2r/apply', run.clock, () =>
        carryOut(office, run, params, async (request) => {
          await refuseWhenOwned(office);
          request.enter('apply');
          if (!params.forceAppShutdown) await refuseWhenAppsRun(request);
          if (params.wait) {
            const { status, ...versions } = await apply(request, params);
            return { ...status, ...versions, backend };
          }
          return { ...(await startApply(request, params)), backend };
        }),
      ),

    cancel: (params, run) =>
      carryOut(office, run, { ...params, pollMs: 100 }, async (request) => {
        const status = await cancelDownload(request);
        if (!params.wait || !status.busy) return { ...status, backend };
        return { ...(await untilEnded(request, null)).status, backend };
      }),

    wait: (params, run) =>
      carryOut(office, run, params, async (request) => ({
        ...(await untilEnded(request, null)).status,
        backend,
      })),

    async update(params, run) {
      refuseBadDownload(params, office);
      refuseContradiction(params);
      return exclusively('c2r/update', run.clock, () =>
        carryOut(office, run, params, async (request) => {
          const { phases, ...result } = await update(request, params);
          return { ...result, phases: [...phases], backend };
        }),
      );
    },

    blockingApps: (_, run) =>
      carryOut(office, run, {}, async (request) => ({
        apps: await request.within(blockingApps(office, request.signal)),
        backend,
      })),

    deploymentData: ({ dataType, name = '' }, run) =>
      carryOut(office, run, {}, async (request) => {
        const raw = await request.within(office.updates.deploymentData(dataType, name, request.signal));
        return { raw, value: parsedDeploymentData(raw), backend };
      }),

    setManagement: ({ enabled }, run) =>
      carryOut(office, run, {}, async () => ({
        ...(await setManagement(office, enabled)),
        backend,
      })),

    async setChannel(params, run) {
      refuseUnlessOneChoice(params);
      return exclusively('c2r/setChannel', run.clock, () =>
        carryOut(office, run, {}, async () => ({
          ...(await setChannel(office, params, run.clock)),
          backend,
        })),
      );
    },

    async setTargetVersion(params, run) {
      refuseUnlessOneTarget(params);
      return exclusively('c2r/setTargetVersion', run.clock, () =>
        carryOut(office, run, {}, async () => ({ ...(await setTargetVersion(office, params)), backend })),
      );
    },

    detect: (params, run) =>
      exclusively('c2r/detect', run.clock, () =>
        carryOut(office, run, params, async (request) => ({ ...(await detect(request, params)), backend })),
      ),
  };
}
