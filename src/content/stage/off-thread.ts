import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../base/failure.js';
import { limit } from '../../base/limit.js';
import type { Run } from '../../base/run.js';
import type { ThreadEnding, ThreadMessage, ThreadTask } from './staging-thread.js';

/** A program that serves as another thread of this one when it is started with this argument. */
export interface ThreadProgram {
  readonly file: string;
  readonly argument: string;
}

/** How long a cancelled thread may take to end by itself: less than a session waits for its last replies. */
const blockedMs = 1800;

/** So many at a time: each takes 10 MB, and of too many on one machine none gets on before its servers lose patience. */
const mostThreads = 8;
const inTurn = limit(mostThreads);

/** Runs a task in a thread of its own, once it has its turn; see `runThread`. */
export async function offThread<Result, Progress>(
  program: ThreadProgram,
  task: ThreadTask,
  run: Run<Progress>,
): Promise<Result> {
  return inTurn(() => runThread<Result, Progress>(program, task, run), run.signal);
}

/**
 * Runs a task in a thread of its own. Gives its result, passes on its progress and log, and cancels it with `run.signal`.
 *
 * The thread ends by itself. To terminate one that begins a call of node:fs/promises aborts the whole process in Node 20, so one
 * that does not answer in time, such as on a loaded machine, is left to find out later that nobody waits for it.
 */
async function runThread<Result, Progress>(
  program: ThreadProgram,
  task: ThreadTask,
  run: Run<Progress>,
): Promise<Result> {
  run.signal.throwIfAborted();
  const { file, argument } = program;
  // stdout belongs to the frames: whatever a library might print in the thread must not reach it.
  const worker = new Worker(file, {
    workerData: task,
    stdout: true,
    argv: [argument],
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const settled = new AbortController();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const cancel = () => {
        worker.postMessage('cancel');
        run.clock.sleep(blockedMs, settled.signal).then(
          () => reject(run.signal.reason),
          () => undefined,
        );
      };
      run.signal.addEventListener('abort', cancel, { once: true, signal: settled.signal });
      worker.on('message', (message: ThreadMessage) => {
        if ('progress' in message) run.report(message.progress as Progress);
        else if ('log' in message) run.log[message.log.level](message.log.message, { ...message.log.details });
        else if ('result' in message) resolve(message.result as Result);
        else reject(failureOf(message, run.signal));
      });
      worker.once('error', (error) => reject(isMissing(error, file) ? missingProgram(file) : error));
      worker.once('exit', () => reject(run.signal.aborted ? run.signal.reason : new Error('The thread ended early.')));
    });
  } finally {
    settled.abort();
  }
}

/** An upgrade, for example, has taken the program away from a bridge that runs. */
function isMissing(error: NodeJS.ErrnoException, file: string): boolean {
  return error.code === 'MODULE_NOT_FOUND' && !existsSync(file);
}

/** What rpc/service.ts knows by name, as of any other part of the bridge that is gone. */
function missingProgram(file: string): Error {
  return Object.assign(new Error(`${file} is missing`), { name: 'DamagedInstallationError' });
}

function failureOf(message: Exclude<ThreadEnding, { result: unknown }>, signal: AbortSignal) {
  if ('cancelled' in message) return signal.reason;
  if ('bug' in message) return Object.assign(new Error(), message.bug);
  const { type, ...details } = message.failure.data;
  return new Failure(type, message.failure.message, details);
}
