import { S_OK } from '../../base/hresult.js';
import { UINT64_MAX } from '../abi/bits.js';
import { putPointer, putText, putUint32 } from '../native/memory.js';

/** What a caller reads there until it is set, also where the call fails. */
export function empty(out: bigint | null): void {
  putPointer(out, null);
}

/** Gives a string that the caller frees. */
export function text(out: bigint | null, value: string): number {
  empty(out);
  putText(out, value);
  return S_OK;
}

/** Gives a number of 32 bits, whatever its sign. */
export function int32(out: bigint | null, value: number): number {
  putUint32(out, value);
  return S_OK;
}

/** BG_SIZE_UNKNOWN or BG_LENGTH_TO_EOF for null. */
export function size(bytes: number | null): bigint {
  return bytes === null ? UINT64_MAX : BigInt(bytes);
}
