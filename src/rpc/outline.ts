/** What must be known of a JSON text before it is parsed, and what parsing loses. */
export interface Outline {
  /** Deepest nesting of objects and arrays. */
  readonly depth: number;
  /** Array elements and object members, all levels together. */
  readonly elements: number;
  /**
   * Number ids as they were written, for `JSON.parse` would turn 12345678901234567890 into another number: by position
   * in a batch, or at 0. `ids` are the messages' own, `paramIds` those inside `params` (`$/cancelRequest`).
   */
  readonly ids: readonly (string | undefined)[];
  readonly paramIds: readonly (string | undefined)[];
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openObject = 0x7b;
const closeObject = 0x7d;
const openArray = 0x5b;
const closeArray = 0x5d;
/** From this length on a string is searched natively; below, the call costs more than it saves. */
const longString = 48;

/**
 * Outlines a JSON text in one pass, without building anything of its size. Of a text that is not JSON it says something
 * meaningless, but it always ends; it stops where a limit is passed.
 */
export function outlineOf(json: Buffer, limits: { readonly depth: number; readonly elements: number }): Outline {
  const ids: (string | undefined)[] = [];
  const paramIds: (string | undefined)[] = [];
  let depth = 0;
  let deepest = 0;
  let elements = 0;
  let previous = 0;
  // Messages are at depth 1, or at depth 2 inside a batch.
  let messageDepth = 0;
  let message = 0;
  let inParams = false;

  for (let index = 0; index < json.length; index++) {
    const byte = json[index] as number;
    if (byte <= 0x20) continue;
    if (byte === quote) {
      const end = endOfString(json, index);
      if (depth === messageDepth || (inParams && depth === messageDepth + 1)) {
        const length = end - index - 1;
        if (length === 2 && json[index + 1] === 0x69 && json[index + 2] === 0x64) {
          const number = numberAfter(json, end + 1);
          // The text may be a value, such as a method's name, and no key.
          if (number !== undefined) (depth === messageDepth ? ids : paramIds)[message] = number;
        } else if (length === 6 && depth === messageDepth && json.toString('latin1', index + 1, end) === 'params') {
          inParams = true;
        }
      }
      index = end;
    } else if (byte === openObject || byte === openArray) {
      if (messageDepth === 0) messageDepth = byte === openArray ? 2 : 1;
      elements++;
      depth++;
      if (depth > deepest) deepest = depth;
      if (deepest > limits.depth) break;
    } else if (byte === closeObject || byte === closeArray) {
      if (previous === openObject || previous === openArray) elements--;
      depth--;
    } else if (byte === comma) {
      elements++;
      if (elements > limits.elements) break;
      if (depth === messageDepth) inParams = false;
      else if (depth === messageDepth - 1) {
        message++;
        inParams = false;
      }
    }
    previous = byte;
  }
  return { depth: deepest, elements, ids, paramIds };
}

/** The index of the quote that ends the string which starts at `start`; the last byte where none does. */
function endOfString(json: Buffer, start: number): number {
  let index = start + 1;
  for (;;) {
    for (const near = Math.min(json.length, index + longString); index < near; index++) {
      const byte = json[index];
      if (byte === quote) return index;
      if (byte === backslash) index++;
    }
    const found = json.indexOf(quote, index);
    if (found < 0) return json.length - 1;
    let backslashes = 0;
    while (found - backslashes > index && json[found - backslashes - 1] === backslash) backslashes++;
    if (backslashes % 2 === 0) return found;
    index = found + 1;
  }
}

/** The number that follows `:` at `start`, as it was written. */
function numberAfter(json: Buffer, start: number): string | undefined {
  let index = start;
  const skipSpace = () => {
    while ((json[index] ?? 0xff) <= 0x20) index++;
  };
  skipSpace();
  if (json[index] !== colon) return undefined;
  index++;
  skipSpace();
  const first = index;
  while (isNumberByte(json[index] ?? 0)) index++;
  return index > first ? json.toString('latin1', first, index) : undefined;
}

/** Digits, signs, dot and exponent. */
function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
}
