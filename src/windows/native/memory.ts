import koffi = require('koffi');

import { E_OUTOFMEMORY, E_POINTER } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { ole32 as ole32Table } from '../abi/ole32.js';
import { loadSystemDll } from './dll.js';
import { putBytesAt } from './native.js';

const ole32 = loadSystemDll('ole32.dll', ole32Table);

/** Where a caller wants a result: throws E_POINTER for NULL. */
export function required(pointer: bigint | null): bigint {
  if (pointer === null) throw new HResultError('a COM call', E_POINTER);
  return pointer;
}

export function putInt32(at: bigint | null, value: number): void {
  koffi.encode(required(at), 'int32', value);
}

export function putUint32(at: bigint | null, value: number): void {
  koffi.encode(required(at), 'uint32', value >>> 0);
}

export function putPointer(at: bigint | null, value: bigint | null): void {
  koffi.encode(required(at), 'void *', value);
}

export function putBytes(at: bigint | null, bytes: Buffer): void {
  putBytesAt(required(at), bytes);
}

/** Puts memory there that the caller frees with CoTaskMemFree. */
export function putTaskMemory(at: bigint | null, bytes: Buffer): void {
  const slot = required(at);
  const memory = ole32.CoTaskMemAlloc(bytes.length);
  if (memory === null) throw new HResultError('CoTaskMemAlloc', E_OUTOFMEMORY);
  putBytes(memory, bytes);
  putPointer(slot, memory);
}

/** Puts a string there that the caller frees with CoTaskMemFree. */
export function putText(at: bigint | null, text: string): void {
  putTaskMemory(at, Buffer.from(`${text}\0`, 'utf16le'));
}
