import koffi = require('koffi');

import { isFailure } from '../../base/hresult.js';
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

/** Each of these calls may hang in Defender, and libuv's pool has four threads for everything that the bridge does. */
const query = limit(1);

/** MpManagerOpen. Each manager that it gives must be closed. */
export async function openManager(mpClient: MpClient, library: string): Promise<Manager> {
  const slot = pointerSlot();
  const opened = await query(() => mpClient.MpManagerOpen.onPool(0, slot));
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
      const callback = koffi.register((_context: bigint, data: bigint): number => {
        notify(copyNotification(data));
        return 0;
      }, callbackType);
      // A callback that may still come does not keep Node's event loop running; without this, `call` would just end.
      const alive = setInterval(() => undefined, 60_000);
      const release = () => {
        clearInterval(alive);
        koffi.unregister(callback);
      };
      const info = Buffer.alloc(MPCALLBACK_INFO.size);
      info.writeBigUInt64LE(callback, MPCALLBACK_INFO.Function);
      const slot = pointerSlot();
      const started = await mpClient.MpUpdateStart.onPool(handle, options, info, slot);
      const update = pointerAt<'MPHANDLE of an update'>(slot);
      if (isFailure(started)) {
        release();
        await check('MpUpdateStart', started);
      }
      if (update === null) {
        // The callback stays, because nothing can end an update without a handle.
        clearInterval(alive);
        throw new HResultError('MpUpdateStart', started, 'No update handle was given.');
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

  function updateOf(update: UpdateHandle, info: Buffer, release: () => void): Update {
    return {
      async abort() {
        await check('MpUpdateControl', await mpClient.MpUpdateControl.onPool(update, MPCONTROL_ABORT));
      },
      async close() {
        await mpClient.MpHandleClose.onPool(update);
        // Only now can no callback come any more. Whether Defender reads `info` again until then is not documented.
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
