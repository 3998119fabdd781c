import koffi = require('koffi');

import type { Arguments, DllTable, Result, Signature } from '../abi/native.js';

/** A function of a DLL. */
export interface NativeFunction<S extends Signature> {
  (...args: Arguments<S[1]>): Result<S[0]>;
  /** The same call on one of libuv's pool threads, so that the event loop continues meanwhile. */
  onPool(...args: Arguments<S[1]>): Promise<Result<S[0]>>;
}

export type Functions<T extends DllTable> = { readonly [K in keyof T]: NativeFunction<T[K]> };

type KoffiFunction = ReturnType<koffi.LibraryHandle['func']>;

/** The functions of `table` in a loaded DLL; throws where the DLL lacks one. */
export function bind<T extends DllTable>(library: koffi.LibraryHandle, table: T): Functions<T> {
  const entries = Object.entries(table).map(([name, [result, params]]) => [
    name,
    asNativeFunction(library.func('__stdcall', name, result, [...params])),
  ]);
  return Object.fromEntries(entries);
}

/** `further` is passed behind the arguments of every call. */
export function asNativeFunction<S extends Signature>(
  callable: KoffiFunction,
  ...further: readonly null[]
): NativeFunction<S> {
  const onPool = (...args: Arguments<S[1]>) =>
    new Promise<Result<S[0]>>((resolve, reject) => {
      callable.async(...args, ...further, (error: unknown, result: Result<S[0]>) =>
        error ? reject(error) : resolve(result),
      );
    });
  return Object.assign((...args: Arguments<S[1]>) => callable(...args, ...further) as Result<S[0]>, { onPool });
}

declare const pointee: unique symbol;

/** The address of a `T`, a name that keeps pointers to different things apart: koffi's own are bare numbers. */
export type Pointer<T extends string> = bigint & { readonly [pointee]: T };

/** Room for one pointer that a call fills in; zero until then. */
export function pointerSlot(): Buffer {
  return Buffer.alloc(8);
}

/** The pointer that a call left in `buffer`, or null. */
export function pointerAt<T extends string>(buffer: Buffer, offset = 0): Pointer<T> | null {
  const address = buffer.readBigUInt64LE(offset);
  return address === 0n ? null : (address as Pointer<T>);
}

/**
 * The array type of `length` bytes, by its name, which koffi keeps. Where it is given a type and a count instead, it makes a
 * new array type in each call and never frees it: findings/koffi-decode-count.sh.
 */
const byteArray = (length: number) => `uint8[${length}]`;

/** A copy of the memory at an address. */
export function bytesAt(address: bigint, length: number): Buffer {
  // An array of no bytes is a pointer to koffi.
  if (length === 0) return Buffer.alloc(0);
  return Buffer.from(koffi.decode(address, byteArray(length)) as Uint8Array);
}

/** Copies `bytes` to the memory at an address. */
export function putBytesAt(address: bigint, bytes: Buffer): void {
  if (bytes.length > 0) koffi.encode(address, byteArray(bytes.length), bytes);
}

/** The NUL-terminated UTF-16 text at an address. */
export function textAt(address: bigint): string {
  return koffi.decode.string16(address);
}
