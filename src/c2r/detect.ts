import { Failure } from '../base/failure.js';
import { signed } from '../base/hresult.js';
import { HResultError, hresultDetails } from '../base/hresult-error.js';
import type { c2r, Installation } from '../contract/c2r.js';
import type { Params, Result } from '../contract/method.js';
import { notInstalled } from './errors.js';
import { installation, isInstalled } from './installation.js';
import type { OfficeRequest } from './office-request.js';
import { updatesKey, updateTaskName } from './registry-keys.js';

type Detected = Omit<Result<typeof c2r.detect>, 'backend'>;
type Detection = Detected['before'];

const lastRun = { key: updatesKey, name: 'UpdateDetectionLastRunTime' } as const;

/** https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-error-and-success-constants */
const SCHED_E_TASK_DISABLED = signed(0x80041326);

/** Runs the update task, and says what is not the same afterwards. */
export async function detect(
  request: OfficeRequest,
  { reset, wait }: Pick<Params<typeof c2r.detect>, 'reset' | 'wait'>,
): Promise<Detected> {
  const { office } = request;
  if (!(await isInstalled(office))) throw notInstalled();
  const state = await request.within(office.updateTask.state());
  if (state === null) throw taskMissing();
  if (!state.enabled) throw taskDisabled();
  const before = await detection(request);
  request.enter('detect');
  request.tell('Starting the update task of Office.');
  const wasReset = await startTask(request, reset);
  const running = await untilTaskEnded(request, wait);
  request.leave();
  const after = await detection(request);
  const names = Object.keys(before) as (keyof Detection)[];
  return { reset: wasReset, running, before, after, moved: names.filter((name) => before[name] !== after[name]) };
}

/** Starts the task; says whether there was a time of the last detection to remove. It is put back where the task does not start. */
async function startTask(request: OfficeRequest, reset: boolean): Promise<boolean> {
  const { registry, updateTask } = request.office;
  const before = reset ? await registry.keep(lastRun) : null;
  if (before) await registry.deleteValue(lastRun.key, lastRun.name);
  try {
    await request.within(updateTask.run());
    return before !== null;
  } catch (error) {
    await before?.putInto(lastRun);
    throw error instanceof HResultError && error.hresult === SCHED_E_TASK_DISABLED ? taskDisabled(error) : error;
  }
}

/** Whether the task still runs: without `wait` as it is, else once it does not. */
async function untilTaskEnded(request: OfficeRequest, wait: boolean): Promise<boolean> {
  for (;;) {
    const running = (await request.within(request.office.updateTask.state()))?.running ?? false;
    if (!running || !wait) return running;
    request.tell('Office is looking for updates.');
    await request.sleep(request.pollMs);
  }
}

async function detection({ office }: OfficeRequest): Promise<Detection> {
  const { lastUpdate, version, stagedVersion, channel, channelChangePending }: Installation =
    await installation(office);
  return { detectedAt: lastUpdate.detectedAt, version, stagedVersion, channel, channelChangePending };
}

function taskMissing(): Failure {
  return new Failure(
    'NotAvailable',
    `There is no task "${updateTaskName}" in Task Scheduler's folder Microsoft\\Office.`,
    {
      reason: 'taskMissing',
      recommendation: 'Repair Office, which registers the task again; another program may have deleted it.',
    },
  );
}

function taskDisabled(cause?: HResultError): Failure {
  return new Failure('Blocked', `The task "${updateTaskName}" is disabled.`, {
    ...(cause ? { ...hresultDetails(cause.hresult), source: cause.source } : {}),
    apps: [],
    owner: null,
    reason: 'taskDisabled',
    recommendation:
      'Enable it in Task Scheduler (folder Microsoft\\Office), unless another manager updates Office here.',
  });
}
