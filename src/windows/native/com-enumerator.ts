import { E_INVALIDARG, S_FALSE, S_OK } from '../../base/hresult.js';
import type { IEnumBackgroundCopyJobs } from '../abi/bits.js';
import type { Implementation } from '../abi/com-server.js';
import { putPointer, putUint32, required } from './memory.js';

/** A list as it was when it was asked for, and how far a client has read it. */
export interface Enumerator<T> {
  readonly items: readonly T[];
  position: number;
}

/**
 * An enumerator of COM, which are alike whatever they enumerate: `reference` gives a counted reference to an item, `clone` one
 * to an enumerator.
 */
export function enumeration<T>(
  reference: (item: T) => bigint,
  clone: (copy: Enumerator<T>) => bigint,
): Implementation<Enumerator<T>, typeof IEnumBackgroundCopyJobs.methods> {
  return {
    Next(target, count, out, fetched) {
      // Only a caller that asks for one may leave out where to put the number.
      if (fetched === null && count !== 1) return E_INVALIDARG;
      // A proxy passes none where none are asked for.
      if (count > 0) required(out);
      const items = target.items.slice(target.position, target.position + count);
      for (const [index, item] of items.entries()) putPointer((out as bigint) + BigInt(index * 8), reference(item));
      target.position += items.length;
      if (fetched !== null) putUint32(fetched, items.length);
      return items.length === count ? S_OK : S_FALSE;
    },
    Skip(target, count) {
      const left = target.items.length - target.position;
      target.position += Math.min(count, left);
      return count <= left ? S_OK : S_FALSE;
    },
    Reset(target) {
      target.position = 0;
      return S_OK;
    },
    Clone(target, out) {
      putPointer(out, null);
      putPointer(out, clone({ items: target.items, position: target.position }));
      return S_OK;
    },
    GetCount(target, out) {
      putUint32(out, target.items.length);
      return S_OK;
    },
  };
}
