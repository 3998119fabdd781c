import type { ComTable } from './native.js';

/** https://learn.microsoft.com/windows/win32/api/taskschd/nn-taskschd-itaskservice, slots in the order of taskschd.h */
export const CLSID_TaskScheduler = '{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}';
export const IID_ITaskService = '{2FABA4C7-4DA9-4013-9697-20CC3FD40F85}';

/** A VARIANT by value is passed by its address, as everything larger than a register is on x64 and arm64. */
export const ITaskService = {
  GetFolder: [7, 'int32', ['void *', 'void *']],
  Connect: [10, 'int32', ['void *', 'void *', 'void *', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/taskschd/nn-taskschd-itaskfolder */
export const ITaskFolder = {
  GetTask: [13, 'int32', ['void *', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/taskschd/nn-taskschd-iregisteredtask */
export const IRegisteredTask = {
  get_State: [9, 'int32', ['void *']],
  get_Enabled: [10, 'int32', ['void *']],
  Run: [12, 'int32', ['void *', 'void *']],
} as const satisfies ComTable;

/** https://learn.microsoft.com/windows/win32/api/taskschd/ne-taskschd-task_state */
export const TASK_STATE_QUEUED = 2;
export const TASK_STATE_RUNNING = 4;
