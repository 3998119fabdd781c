import { signed } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import type { UpdateTask } from '../../c2r/port.js';
import { updateTaskFolder, updateTaskName } from '../../c2r/registry-keys.js';
import {
  CLSID_TaskScheduler,
  IID_ITaskService,
  IRegisteredTask,
  ITaskFolder,
  ITaskService,
  TASK_STATE_QUEUED,
  TASK_STATE_RUNNING,
} from '../abi/task-scheduler.js';
import { withBstr } from '../native/bstr.js';
import { type ComObject, createInstance, methodOf, releaseOnPool, usingObject } from '../native/com.js';
import { checkHResult } from '../native/failed-calls.js';
import { pointerAt, pointerSlot } from '../native/native.js';
import { emptyVariant } from '../native/variant.js';

type Task = ComObject<'IRegisteredTask'>;

/** ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND: there is no such task, or no such folder. */
const notThere: ReadonlySet<number> = new Set([signed(0x80070002), signed(0x80070003)]);

/** Calls `body` with the task; null where there is none. */
async function withTask<T>(body: (task: Task) => Promise<T>): Promise<T | null> {
  try {
    return await usingObject(createInstance<'ITaskService'>(CLSID_TaskScheduler, IID_ITaskService), async (service) => {
      const absent = [emptyVariant(), emptyVariant(), emptyVariant(), emptyVariant()] as const;
      checkHResult('ITaskService::Connect', await methodOf(service, ITaskService.Connect).onPool(service, ...absent));
      return usingObject(folderOf(service), (folder) => usingObject(taskIn(folder), body));
    });
  } catch (error) {
    if (error instanceof HResultError && notThere.has(error.hresult)) return null;
    throw error;
  }
}

function folderOf(service: ComObject<'ITaskService'>): Promise<ComObject<'ITaskFolder'>> {
  return withBstr(updateTaskFolder, async (path) => {
    const out = pointerSlot();
    const hresult = await methodOf(service, ITaskService.GetFolder).onPool(service, path, out);
    checkHResult('ITaskService::GetFolder', hresult);
    return pointerAt<'ITaskFolder'>(out) as ComObject<'ITaskFolder'>;
  });
}

function taskIn(folder: ComObject<'ITaskFolder'>): Promise<Task> {
  return withBstr(updateTaskName, async (name) => {
    const out = pointerSlot();
    checkHResult('ITaskFolder::GetTask', await methodOf(folder, ITaskFolder.GetTask).onPool(folder, name, out));
    return pointerAt<'IRegisteredTask'>(out) as Task;
  });
}

/** The update task of Office, through Task Scheduler's own interface. */
export const updateTask: UpdateTask = {
  state: () =>
    withTask(async (task) => {
      const [enabled, state] = [Buffer.alloc(2), Buffer.alloc(4)];
      const read = await methodOf(task, IRegisteredTask.get_Enabled).onPool(task, enabled);
      checkHResult('IRegisteredTask::get_Enabled', read);
      checkHResult('IRegisteredTask::get_State', await methodOf(task, IRegisteredTask.get_State).onPool(task, state));
      const now = state.readUInt32LE(0);
      return {
        enabled: enabled.readInt16LE(0) !== 0,
        running: now === TASK_STATE_RUNNING || now === TASK_STATE_QUEUED,
      };
    }),

  async run() {
    const started = await withTask(async (task) => {
      const out = pointerSlot();
      const hresult = await methodOf(task, IRegisteredTask.Run).onPool(task, emptyVariant(), out);
      checkHResult('IRegisteredTask::Run', hresult);
      const running = pointerAt<'IRunningTask'>(out);
      if (running !== null) await releaseOnPool(running);
      return true;
    });
    // It went since its state was asked for.
    if (started === null) throw new HResultError('ITaskFolder::GetTask', 0x80070002);
  },
};
