import koffi = require('koffi');

import { E_OUTOFMEMORY } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { oleaut32 as oleaut32Table } from '../abi/oleaut32.js';
import { loadSystemDll } from './dll.js';
import { type Pointer, pointerAt } from './native.js';

export type Bstr = Pointer<'BSTR'>;

/** Calls `body` with a BSTR of this text; freed afterwards, whatever happens. */
export async function withBstr<T>(text: string, body: (bstr: Bstr) => Promise<T>): Promise<T> {
  const oleaut32 = loadSystemDll('oleaut32.dll', oleaut32Table);
  const bstr = oleaut32.SysAllocString(text) as Bstr | null;
  if (bstr === null) throw new HResultError('SysAllocString', E_OUTOFMEMORY);
  try {
    return await body(bstr);
  } finally {
    oleaut32.SysFreeString(bstr);
  }
}

/**
 * Takes over the BSTR that a call left in `buffer`: gives its text, and frees it once. Null where the call left none. A BSTR
 * knows its length and may be empty, which is not the same as none.
 */
export function takeBstr(buffer: Buffer, offset = 0): string | null {
  const bstr = pointerAt<'BSTR'>(buffer, offset);
  if (bstr === null) return null;
  // So that nothing is left there that could be freed a second time.
  buffer.fill(0, offset, offset + 8);
  const oleaut32 = loadSystemDll('oleaut32.dll', oleaut32Table);
  try {
    const length = oleaut32.SysStringLen(bstr);
    return length === 0 ? '' : koffi.decode.string16(bstr, length);
  } finally {
    oleaut32.SysFreeString(bstr);
  }
}
