import koffi = require('koffi');

import { E_HANDLE, isFailure } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { limit } from '../../base/limit.js';
import {
  type ComponentVersion,
  callbackTypeSignatureUpdate,
  type Manager,
  type Notification,
  type SignatureUpdateData,
  type Update,
} from '../../defender/port.js';
import {
  MP_STATUS_QUERY_FLAGS_NONE,
  MPCALLBACK_DATA,
  MPCALLBACK_INFO,
  MPCOMPONENT_VERSION,
  MPCONTROL_ABORT,
  MPSIGUPDATE_DATA,
  MPSTATUS_INFO,
  MPVERSION_INFO,
  type mpClient as mpClientTable,
} from '../abi/mpclient.js';
import { windowsText } from '../native/failed-calls.js';
import { bytesAt, type Functions, type Pointer, pointerAt, pointerSlot, textAt } from '../native/native.js';

type MpClient = Functions<typeof mpClientTable>;
type ManagerHandle = Pointer<'MPHANDLE of a manager'>;
type UpdateHandle = Pointer<'MPHANDLE of an update'>;

/** `HRESULT CALLBACK(PVOID pvContext, PMPCALLBACK_DATA pData)`; nobody looks at what it returns ([RE], confidence medium). */
const callbackType = koffi.pointer(koffi.proto('__stdcall', 'MPCALLBACK', 'int32', ['void *', 'void *']));

type Notify = (notification: Notification) => void;

/** Who listens to the updates that are not closed, by the number that their callbacks pass as the context. */
const listeners = new Map<bigint, Notify>();
let lastContext = 0n;
let callback: bigint | undefined;

/**
 * The one callback of all updates, for the life of the process, since nothing promises that none comes once a handle is closed.
 * koffi gives the address of one that is unregistered to the next, so a late call would reach another update, and a call that
 * waits for the event loop by then would end the process.
 */
function sharedCallback(): bigint {
  callback ??= koffi.register((context: bigint | null, data: bigint): number => {
    listenerOf(context)?.(copyNotification(data));
    return 0;
  }, callbackType) as unknown as bigint;
  return callback;
}

/** Where the context is none of ours, MPCALLBACK_INFO is not what it was taken for, and the newest update is the only guess. */
function listenerOf(context: bigint | null): Notify | undefined {
  if (context !== null && context <= lastContext) return listeners.get(context);
  return [...listeners.values()].at(-1);
}

/** Each of these calls may hang in Defender, and libuv's pool has four threads for everything that the bridge does. */
const query = limit(1);

/** MpManagerOpen. Each manager that it gives must be closed. */
export async function openManager(mpClient: MpClient, library: string, signal?: AbortSignal): Promise<Manager> {
  const slot = pointerSlot();
  const opened = await query(() => mpClient.MpManagerOpen.onPool(0, slot), signal);
  const handle = pointerAt<'MPHANDLE of a manager'>(slot);
  if (isFailure(opened) || handle === null) {
    throw new HResultError('MpManagerOpen', opened, windowsText(opened));
  }
  return managerOf(mpClient, handle, library);
}

function managerOf(mpClient: MpClient, handle: ManagerHandle, library: string): Manager {
  async function errorText(hresult: number): Promise<string | null> {
    const slot = pointerSlot();
    const formatted = await query(() => mpClient.MpErrorMessageFormat.onPool(handle, hresult, slot));
    const text = pointerAt(slot);
    if (isFailure(formatted) || text === null) return windowsText(hresult) ?? null;
    try {
      return textAt(text).trim();
    } finally {
      mpClient.MpFreeMemory(text);
    }
  }

  /** To be awaited before the handle is closed, without which there is no text. */
  async function check(source: string, hresult: number): Promise<void> {
    if (isFailure(hresult)) throw new HResultError(source, hresult, (await errorText(hresult)) ?? undefined);
  }

  return {
    library,
    errorText,

    async versions() {
      const info = Buffer.alloc(MPVERSION_INFO.size);
      await check('MpManagerVersionQuery', await query(() => mpClient.MpManagerVersionQuery.onPool(handle, info)));
      return {
        product: componentVersion(info, MPVERSION_INFO.Product),
        service: componentVersion(info, MPVERSION_INFO.Service),
        engine: componentVersion(info, MPVERSION_INFO.Engine),
        antivirusSignature: componentVersion(info, MPVERSION_INFO.AVSignature),
        antispywareSignature: componentVersion(info, MPVERSION_INFO.ASSignature),
        nisEngine: componentVersion(info, MPVERSION_INFO.NISEngine),
        nisSignature: componentVersion(info, MPVERSION_INFO.NISSignature),
      };
    },

    async productStatus() {
      const info = Buffer.alloc(MPSTATUS_INFO.room);
      const status = () => mpClient.MpManagerStatusQueryEx.onPool(handle, MP_STATUS_QUERY_FLAGS_NONE, info);
      await check('MpManagerStatusQueryEx', await query(status));
      return info.readUInt32LE(MPSTATUS_INFO.ProductStatus);
    },

    async enabled() {
      const answer = Buffer.alloc(4);
      await check('WDStatus', await query(() => mpClient.WDStatus.onPool(answer)));
      return answer.readInt32LE() !== 0;
    },

    async startUpdate(options, notify) {
      const context = ++lastContext;
      listeners.set(context, notify);
      // A callback that may still come does not keep Node's event loop running; without this, `call` would just end.
      const alive = setInterval(() => undefined, 60_000);
      const release = () => {
        clearInterval(alive);
        listeners.delete(context);
      };
      const info = Buffer.alloc(MPCALLBACK_INFO.size);
      info.writeBigUInt64LE(sharedCallback(), MPCALLBACK_INFO.Function);
      info.writeBigUInt64LE(context, MPCALLBACK_INFO.Context);
      const slot = pointerSlot();
      const started = await mpClient.MpUpdateStart.onPool(handle, options, info, slot);
      const update = pointerAt<'MPHANDLE of an update'>(slot);
      if (isFailure(started)) {
        release();
        await check('MpUpdateStart', started);
      }
      return updateOf(update, info, release);
    },

    async abort() {
      await check('MpUpdateControl', await mpClient.MpUpdateControl.onPool(handle, MPCONTROL_ABORT));
    },

    async close() {
      await query(() => mpClient.MpHandleClose.onPool(handle));
    },
  };

  /** Without a handle, which no page promises for an update that has begun, there is less to call. */
  function updateOf(update: UpdateHandle | null, info: Buffer, release: () => void): Update {
    return {
      async abort() {
        if (update === null) throw new HResultError('MpUpdateControl', E_HANDLE);
        await check('MpUpdateControl', await mpClient.MpUpdateControl.onPool(update, MPCONTROL_ABORT));
      },
      async close() {
        if (update !== null) await mpClient.MpHandleClose.onPool(update);
        // Used here so that it lives until now: whether Defender reads it after MpUpdateStart is not documented.
        info.fill(0);
        release();
      },
    };
  }
}

function componentVersion(info: Buffer, offset: number): ComponentVersion {
  return {
    version: info.readBigUInt64LE(offset + MPCOMPONENT_VERSION.Version),
    updateTime: info.readBigUInt64LE(offset + MPCOMPONENT_VERSION.UpdateTime),
  };
}

/** Copies what belongs to MpClient and is gone when the callback returns. */
function copyNotification(address: bigint): Notification {
  const fields = bytesAt(address, MPCALLBACK_DATA.size);
  const type = fields.readUInt32LE(MPCALLBACK_DATA.Type);
  const data = fields.readBigUInt64LE(MPCALLBACK_DATA.Data);
  return {
    notify: fields.readUInt32LE(MPCALLBACK_DATA.Notify),
    hresult: fields.readInt32LE(MPCALLBACK_DATA.hResult),
    type,
    data: type === callbackTypeSignatureUpdate && data !== 0n ? copyFigures(data) : null,
  };
}

function copyFigures(address: bigint): SignatureUpdateData {
  const fields = bytesAt(address, MPSIGUPDATE_DATA.size);
  const path = pointerAt(fields, MPSIGUPDATE_DATA.Path);
  return {
    percentComplete: fields.readUInt32LE(MPSIGUPDATE_DATA.dwPercentComplete),
    totalUpdates: fields.readUInt32LE(MPSIGUPDATE_DATA.dwTotalUpdates),
    currentUpdateIndex: fields.readUInt32LE(MPSIGUPDATE_DATA.dwCurrentUpdateIndex),
    updateType: fields.readInt32LE(MPSIGUPDATE_DATA.eType),
    stage: fields.readInt32LE(MPSIGUPDATE_DATA.Stage),
    path: path === null ? null : textAt(path),
  };
}
