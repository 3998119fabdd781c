import { type Bstr, takeBstr, withBstr } from './bstr.js';

/** VARIANT in the 64-bit layout. https://learn.microsoft.com/windows/win32/api/oaidl/ns-oaidl-variant */
const VARIANT = { type: 0, value: 8, size: 24 } as const;
const VT_BSTR = 8;

/** A VARIANT that holds nothing, VT_EMPTY: an absent argument, or room for a result. */
export function emptyVariant(): Buffer {
  return Buffer.alloc(VARIANT.size);
}

/** Takes the text out of a VARIANT that a call filled; null where it holds no text. */
export function takeText(variant: Buffer): string | null {
  if (variant.readUInt16LE(VARIANT.type) !== VT_BSTR) return null;
  const text = takeBstr(variant, VARIANT.value);
  variant.fill(0);
  return text;
}

/** Calls `body` with a VARIANT that holds a text; freed afterwards. */
export function withTextVariant<T>(text: string, body: (variant: Buffer) => Promise<T>): Promise<T> {
  return withBstr(text, (bstr: Bstr) => {
    const variant = emptyVariant();
    variant.writeUInt16LE(VT_BSTR, VARIANT.type);
    variant.writeBigUInt64LE(bstr, VARIANT.value);
    return body(variant);
  });
}
