/** What must be known of a JSON text before it is parsed, and what parsing loses. */
export interface Outline {
  /** Deepest nesting of objects and arrays, or more where that is within the limit. */
  readonly depth: number;
  /** Array elements and object members, all levels together, or more where that is within the limit. */
  readonly elements: number;
  /**
   * Number ids as they were written, for `JSON.parse` would turn 12345678901234567890 into another number: by position
   * in a batch, or at 0. `ids` are the messages' own, `paramIds` those inside `params` (`$/cancelRequest`).
   */
  readonly ids: readonly (string | undefined)[];
  readonly paramIds: readonly (string | undefined)[];
}

interface Limits {
  readonly depth: number;
  readonly elements: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openArray = 0x5b;

/** What a byte outside of strings is for the outline. `value`: a piece of a number, of true, false or null, or a colon. */
const value = 0;
const space = 1;
const text = 2;
const comma = 3;
const opening = 4;
const closing = 5;
const kinds = new Uint8Array(256).fill(space, 0, 0x21);
for (const [characters, kind] of [
  ['"', text],
  [',', comma],
  ['[{', opening],
  [']}', closing],
] as const) {
  for (const byte of Buffer.from(characters)) kinds[byte] = kind;
}

/** From this length on a string is searched natively; below, the call costs more than it saves. */
const longString = 16;

/** From this length on it pays to look first whether a text is a long string with little around it. */
const longText = 65_536;
/** With more brackets or commas than this a long text is read after all. */
const fewCharacters = 256;
/** How most clients begin a request. */
const usualBeginning = /^\{"jsonrpc":"2\.0","id":([-+.\deE]+),/;

/**
 * Outlines a JSON text in one pass, without building anything of its size. Of a text that is not JSON it says something
 * meaningless, but it always ends; it stops where a limit is passed. `latin1` are the same bytes as a string, a character
 * each: V8 searches a string at less cost than Node a buffer.
 */
export function outlineOf(json: Buffer, latin1: string, limits: Limits): Outline {
  return (json.length < longText ? null : roughOutlineOf(latin1, limits)) ?? exactOutlineOf(json, latin1, limits);
}

/** Of a request that cannot pass the limits, wherever its brackets and commas are; null where that takes a closer look. */
function roughOutlineOf(latin1: string, limits: Limits): Outline | null {
  const id = usualBeginning.exec(latin1)?.[1];
  if (id === undefined) return null;
  const openings = countOf('[', latin1) + countOf('{', latin1);
  const elements = openings + countOf(',', latin1);
  if (openings > limits.depth || elements > limits.elements) return null;
  return { depth: openings, elements, ids: [id], paramIds: [] };
}

/** How often a character stands in a text; infinitely often where that is more than a few times. */
function countOf(character: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    if (++count > fewCharacters) return Number.POSITIVE_INFINITY;
  }
  return count;
}

function exactOutlineOf(json: Buffer, latin1: string, limits: Limits): Outline {
  const written = new WrittenIds(json);
  let depth = 0;
  let deepest = 0;
  let elements = 0;
  let previous = value;

  for (let at = 0; at < json.length && deepest <= limits.depth && elements <= limits.elements; at++) {
    const kind = kinds[json[at] as number] as number;
    if (kind === space) continue;
    // The first element of a bracket that is not closed at once; each comma stands before a further one.
    if (previous === opening && kind !== closing) elements++;
    switch (kind) {
      case value:
        at = endOfValue(json, at);
        break;
      case text: {
        const end = endOfString(json, latin1, at);
        written.readString(depth, at, end);
        at = end;
        break;
      }
      case opening:
        written.open(depth, json[at] === openArray);
        depth++;
        deepest = Math.max(deepest, depth);
        break;
      case closing:
        depth--;
        break;
      case comma:
        elements++;
        written.endMember(depth);
    }
    previous = kind;
  }
  return { depth: deepest, elements, ids: written.ids, paramIds: written.paramIds };
}

/** Finds the ids among the strings of a JSON text, which it is told of one after another. */
class WrittenIds {
  readonly ids: (string | undefined)[] = [];
  readonly paramIds: (string | undefined)[] = [];
  readonly json: Buffer;
  /** At which depth the members of a message are: inside a batch one more than else. */
  messageDepth = 1;
  message = 0;
  inParams = false;

  constructor(json: Buffer) {
    this.json = json;
  }

  open(depth: number, isArray: boolean): void {
    if (depth === 0 && isArray) this.messageDepth = 2;
  }

  /** A string from one quote to the other, which may be a key or a value. */
  readString(depth: number, start: number, end: number): void {
    const inMessage = depth === this.messageDepth;
    if (!inMessage && !(this.inParams && depth === this.messageDepth + 1)) return;
    if (isText(this.json, start, end, idKey)) {
      const number = numberAfter(this.json, end + 1);
      // The text may be a value, such as a method's name, and no key.
      if (number !== undefined) (inMessage ? this.ids : this.paramIds)[this.message] = number;
    } else if (inMessage && isText(this.json, start, end, paramsKey)) this.inParams = true;
  }

  endMember(depth: number): void {
    if (depth > this.messageDepth) return;
    this.inParams = false;
    if (depth < this.messageDepth) this.message++;
  }
}

const idKey = Buffer.from('"id"');
const paramsKey = Buffer.from('"params"');

/** Whether a string, quotes included, is this one. */
function isText(json: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start !== text.length - 1) return false;
  return text.every((byte, index) => json[start + index] === byte);
}

/** The index of the quote that ends the string which starts at `start`; the last byte where none does. */
function endOfString(json: Buffer, latin1: string, start: number): number {
  let index = start + 1;
  for (const near = Math.min(json.length, index + longString); index < near; index++) {
    const byte = json[index];
    if (byte === quote) return index;
    if (byte === backslash) index++;
  }
  let found = latin1.indexOf('"', index);
  while (found >= 0 && isEscaped(json, found, index)) found = latin1.indexOf('"', found + 1);
  return found < 0 ? json.length - 1 : found;
}

/** The last of the value's bytes. */
function endOfValue(json: Buffer, start: number): number {
  let end = start;
  while (kinds[json[end + 1] ?? 0x20] === value) end++;
  return end;
}

/** Whether an odd number of backslashes stands before `at`; none before `from` counts. */
function isEscaped(json: Buffer, at: number, from: number): boolean {
  let first = at;
  while (first > from && json[first - 1] === backslash) first--;
  return (at - first) % 2 === 1;
}

/** The number that follows `:` at `start`, as it was written. */
function numberAfter(json: Buffer, start: number): string | undefined {
  const afterKey = skipSpace(json, start);
  if (json[afterKey] !== colon) return undefined;
  const first = skipSpace(json, afterKey + 1);
  let end = first;
  while (isNumberByte(json[end] ?? 0)) end++;
  return end > first ? json.toString('latin1', first, end) : undefined;
}

function skipSpace(json: Buffer, start: number): number {
  let index = start;
  while ((json[index] ?? 0xff) <= 0x20) index++;
  return index;
}

/** Digits, signs, dot and exponent. */
function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
}
