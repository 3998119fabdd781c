import koffi = require('koffi');

import type { Method } from '../abi/native.js';
import { IUnknown, ole32 as ole32Table } from '../abi/ole32.js';
import { loadSystemDll } from './dll.js';
import { checkHResult } from './failed-calls.js';
import { guidBytes } from './guid.js';
import { asNativeFunction, type NativeFunction, type Pointer, pointerAt, pointerSlot } from './native.js';

/** A pointer to a COM object, by the name of the interface that its vtable belongs to. */
export type ComObject<Interface extends string> = Pointer<Interface>;

type MethodFunction<M extends Method> = NativeFunction<readonly [M[1], readonly ['void *', ...M[2]]]>;

/** Any kind of server: Office's runs in a COM+ surrogate. https://learn.microsoft.com/windows/win32/api/wtypesbase/ne-wtypesbase-clsctx */
const CLSCTX_ALL = 23;

const ole32 = loadSystemDll('ole32.dll', ole32Table);
let apartmentLives = false;

/**
 * Keeps the multithreaded apartment alive for as long as the process, so that every pool thread is in it without a call of
 * its own. CoInitializeEx would have to run on each of them, which cannot be arranged.
 */
export function ensureApartment(): void {
  if (apartmentLives) return;
  checkHResult('CoIncrementMTAUsage', ole32.CoIncrementMTAUsage(pointerSlot()));
  apartmentLives = true;
}

/** Creates an object off the event loop; the first one may take seconds, while its server starts. */
export async function createInstance<I extends string>(clsid: string, iid: string): Promise<ComObject<I>> {
  ensureApartment();
  const slot = pointerSlot();
  const hresult = await ole32.CoCreateInstance.onPool(guidBytes(clsid), null, CLSCTX_ALL, guidBytes(iid), slot);
  checkHResult('CoCreateInstance', hresult);
  return pointerAt<I>(slot) as ComObject<I>;
}

const callables = new Map<string, unknown>();

/**
 * The function behind a method of `object`, which takes `object` itself first. Kept by its address and prototype: each one
 * that koffi makes stays in memory until the process ends.
 *
 * It passes a null behind the last argument, as a caller on x64 and arm64 may. The proxies of Wine's RPC read the slot there
 * as that of the result, and with four arguments koffi's stack would end before it: an access violation.
 */
export function methodOf<M extends Method>(object: ComObject<string>, [slot, result, params]: M): MethodFunction<M> {
  const vtable = koffi.decode(object, 'void *') as bigint;
  const address = koffi.decode(vtable, slot * 8, 'void *') as bigint;
  const key = `${address} ${result} ${params}`;
  const known = callables.get(key);
  if (known) return known as MethodFunction<M>;
  const prototype = koffi.proto('__stdcall', result, ['void *', ...params, 'void *']);
  const callable = asNativeFunction<readonly [M[1], readonly ['void *', ...M[2]]]>(
    koffi.decode(address, prototype),
    null,
  );
  callables.set(key, callable);
  return callable;
}

/** Gives a reference back at once; for objects of this process that do no work in Release. */
export function release(object: ComObject<string>): void {
  methodOf(object, IUnknown.Release)(object);
}

/** Gives a reference back off the event loop; for objects whose server may be another process. */
export async function releaseOnPool(object: ComObject<string>): Promise<void> {
  await methodOf(object, IUnknown.Release).onPool(object);
}

/** Calls `body` with an object and gives the reference back off the event loop, whatever happens. */
export async function usingObject<I extends string, T>(
  created: Promise<ComObject<I>>,
  body: (object: ComObject<I>) => Promise<T>,
): Promise<T> {
  const object = await created;
  try {
    return await body(object);
  } finally {
    await releaseOnPool(object);
  }
}
