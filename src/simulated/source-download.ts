import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { E_FAIL, E_ILLEGAL_METHOD_CALL } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { Clock } from '../base/run.js';
import type { CopyJob } from '../bits/job.js';
import { parseParameters } from '../c2r/parameters.js';
import type { Office, UpdateNotify } from '../c2r/port.js';
import { reportedError } from '../c2r/status.js';
import { urlPath } from '../content/image/image-path.js';
import { updateStatusNames } from '../contract/c2r.js';
import { removeLeftBehind } from './left-behind.js';
import type { SimulatedSourceHost } from './source-host.js';

/** How often a client looks at the state of its job. */
const pollMs = 50;

const statusCode = (name: (typeof updateStatusNames)[number]) => updateStatusNames.indexOf(name);

/** A download from a registered content source that runs beside the one that the scenario plays. */
interface Fetching {
  readonly abort: AbortController;
  /** Null while it runs; then how it ended. */
  ending: {
    readonly status: 'DOWNLOAD_SUCCEEDED' | 'DOWNLOAD_FAILED' | 'DOWNLOAD_CANCELLED';
    readonly error: number;
  } | null;
}

/**
 * The same Office, except that a download from a source that is registered here really reads it, as Click-to-Run does
 * through COM: the version cabinet, then the streams that the manifest knows. What is read is checked and thrown away.
 */
export function readingSources(office: Office, host: SimulatedSourceHost, clock: Clock): Office {
  let fetching: Fetching | null = null;

  function refuseWhileReading(source: string): void {
    if (fetching?.ending === null) throw new HResultError(source, E_ILLEGAL_METHOD_CALL);
  }

  const updates: UpdateNotify = {
    blockingApps: () => office.updates.blockingApps(),
    deploymentData: (dataType, name) => office.updates.deploymentData(dataType, name),
    async download(parameters, request) {
      refuseWhileReading('IUpdateNotify::Download');
      await office.updates.download(parameters, request);
      fetching = null;
      const given = parseParameters(parameters);
      const contentId = given.get('contentid') ?? '';
      if (!host.registered(given.get('downloadsource') ?? '', contentId)) return;
      const current: Fetching = { abort: new AbortController(), ending: null };
      fetching = current;
      fetchSource(host, contentId, clock, current.abort.signal).then(
        () => {
          current.ending = { status: 'DOWNLOAD_SUCCEEDED', error: 0 };
        },
        (error: unknown) => {
          const hresult = error instanceof HResultError ? error.hresult : E_FAIL;
          current.ending = current.abort.signal.aborted
            ? { status: 'DOWNLOAD_CANCELLED', error: 0 }
            : { status: 'DOWNLOAD_FAILED', error: reportedError(hresult) };
        },
      );
    },
    async apply(parameters, request) {
      refuseWhileReading('IUpdateNotify::Apply');
      await office.updates.apply(parameters, request);
      fetching = null;
    },
    async cancel() {
      const { status } = await office.updates.status();
      const onlyReading = fetching?.ending === null && status === statusCode('DOWNLOAD_SUCCEEDED');
      if (!onlyReading) await office.updates.cancel();
      fetching?.abort.abort(new Error('cancelled'));
    },
    async status() {
      const report = await office.updates.status();
      if (!fetching || report.status !== statusCode('DOWNLOAD_SUCCEEDED')) return report;
      const { status, error } = fetching.ending ?? { status: 'DOWNLOAD_WIP', error: 0 };
      return { ...report, status: statusCode(status), error };
    },
  };
  return { ...office, updates };
}

async function fetchSource(host: SimulatedSourceHost, contentId: string, clock: Clock, signal: AbortSignal) {
  const service = await host.service();
  removeLeftBehind(tmpdir(), (name) => Number(/^c2r-download-(\d+)-/.exec(name)?.[1] ?? Number.NaN) || null);
  const folder = await mkdtemp(join(tmpdir(), `c2r-download-${process.pid}-`));
  try {
    const streams = await service.streams(contentId, signal);
    for (const path of ['Office/Data/v64.cab', ...streams]) {
      const job = service.queue.createJob('Click-to-Run', 0);
      job.addFile(`cmbits://${contentId}/${urlPath(path)}`, join(folder, 'file'));
      job.resume();
      await untilTransferred(job, clock, signal);
      job.complete();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilTransferred(job: CopyJob, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    while (job.state !== 'TRANSFERRED') {
      if (job.state === 'ERROR') throw new HResultError('cmbits', job.error?.hresult ?? E_FAIL, job.error?.message);
      await clock.sleep(pollMs, signal);
    }
  } catch (error) {
    job.cancel();
    throw error;
  }
}
