import { Failure } from '../../base/failure.js';
import { isServerGone } from '../../base/hresult-error.js';
import { limit } from '../../base/limit.js';
import type { ActionFor, UpdateNotify } from '../../c2r/port.js';
import { signatures, UPDATE_STATUS_REPORT, type UpdateNotifyMethod } from '../abi/update-notify.js';
import { takeBstr } from '../native/bstr.js';
import { type ComObject, methodOf, releaseOnPool } from '../native/com.js';
import { checkHResult } from '../native/failed-calls.js';
import { type NativeFunction, pointerSlot } from '../native/native.js';
import { createUpdateNotify, findUpdateNotifyClass } from './update-notify-class.js';

type UpdateNotifyPointer = ComObject<'IUpdateNotify'>;

/** Gives a method of the object; it takes the object first. */
type MethodLookup = <M extends UpdateNotifyMethod>(
  name: M,
) => NativeFunction<readonly [(typeof signatures)[M][0], readonly ['void *', ...(typeof signatures)[M][1]]]>;

type Body<T> = (object: UpdateNotifyPointer, method: MethodLookup) => Promise<T>;

/** How often a call is tried where its server has just gone: the next CoCreateInstance starts a new one. */
const maxAttempts = 3;

// Of the four pool threads that all of Node shares, hanging calls hold three at most, and hanging actions one: reads and
// the file system continue beside a Download that does not return.
const reads = limit(2);
const actions = limit(1);

const sourceOf = (method: UpdateNotifyMethod) =>
  `${method.startsWith('Get') ? 'IUpdateNotify2' : 'IUpdateNotify'}::${method}`;

/** Calls `body` with a fresh object and releases it, whatever happens. One object a call: COM+ unloads idle ones. */
async function withUpdateNotify<T>(body: Body<T>): Promise<T> {
  const found = await findUpdateNotifyClass();
  const description = found.interface;
  const object = await createUpdateNotify(found);
  const method = ((name: UpdateNotifyMethod) => {
    const slot = description.slots.get(name.toLowerCase());
    if (slot === undefined) throw methodMissing(name);
    return methodOf(object, [slot, ...signatures[name]]);
  }) as MethodLookup;
  try {
    return await body(object, method);
  } finally {
    await releaseOnPool(object);
  }
}

function methodMissing(method: UpdateNotifyMethod): Failure {
  return new Failure('NotAvailable', `The installed Office has no ${sourceOf(method)}.`, {
    reason: 'methodMissing',
    source: sourceOf(method),
    recommendation: 'Update Office to version 16.0.8208.6352 or newer.',
  });
}

/** A call that changes nothing, so that it can be sent again. */
function read<T>(body: Body<T>, signal?: AbortSignal): Promise<T> {
  return reads(async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await withUpdateNotify(body);
      } catch (error) {
        if (attempt === maxAttempts || !isServerGone(error)) throw error;
      }
    }
  }, signal);
}

/** Why Office's COM object cannot be used though it is registered, where its server's file is the reason. */
export async function serverFault(): Promise<Failure | null> {
  try {
    return await read(async () => null);
  } catch (error) {
    return error instanceof Failure ? error : null;
  }
}

/** The text that a read leaves in `out`; freed also where the method failed. */
function readText(
  name: UpdateNotifyMethod,
  signal: AbortSignal | undefined,
  send: (object: UpdateNotifyPointer, method: MethodLookup, out: Buffer) => Promise<number>,
): Promise<string | null> {
  return read(async (object, method) => {
    const out = pointerSlot();
    const hresult = await send(object, method, out);
    const text = takeBstr(out);
    checkHResult(sourceOf(name), hresult);
    return text;
  }, signal);
}

/** A call that starts or stops something: once it was sent, it is not known whether it arrived, so it is not sent twice. */
function act(name: UpdateNotifyMethod, request: ActionFor | undefined, send: Body<number>): Promise<void> {
  return actions(async () => {
    for (let attempt = 1; ; attempt++) {
      let sent = false;
      try {
        return await withUpdateNotify(async (object, method) => {
          request?.signal.throwIfAborted();
          sent = true;
          request?.sent?.();
          checkHResult(sourceOf(name), await send(object, method));
        });
      } catch (error) {
        if (sent || attempt === maxAttempts || !isServerGone(error)) throw error;
      }
    }
  }, request?.signal);
}

/** Office's own update object, through COM. */
export const updateNotify: UpdateNotify = {
  download: (parameters, request) =>
    act('Download', request, (object, method) => method('Download').onPool(object, parameters)),
  apply: (parameters, request) => act('Apply', request, (object, method) => method('Apply').onPool(object, parameters)),
  cancel: (request) => act('Cancel', request, (object, method) => method('Cancel').onPool(object)),
  status: (signal) =>
    read(async (object, method) => {
      const report = Buffer.alloc(UPDATE_STATUS_REPORT.size);
      const hresult = await method('status').onPool(object, report);
      const contentId = takeBstr(report, UPDATE_STATUS_REPORT.contentId);
      checkHResult(sourceOf('status'), hresult);
      return {
        status: report.readInt32LE(UPDATE_STATUS_REPORT.status),
        error: report.readUInt32LE(UPDATE_STATUS_REPORT.error),
        contentId,
      };
    }, signal),
  blockingApps: (signal) =>
    readText('GetBlockingApps', signal, (object, method, out) => method('GetBlockingApps').onPool(object, out)),
  deploymentData: (dataType, name, signal) =>
    readText('GetOfficeDeploymentData', signal, (object, method, out) =>
      method('GetOfficeDeploymentData').onPool(object, dataType, name, out),
    ),
};
