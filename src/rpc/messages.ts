import { isAscii, isUtf8 } from 'node:buffer';
import { maxDepth } from '../base/depth.js';
import { Failure } from '../base/failure.js';
import { type Outline, outlineOf } from './outline.js';

/** The most messages of one batch. */
export const maxBatch = 100;
/** The most array elements and object members of one body: a few bytes each in JSON, far more once parsed. */
export const maxElements = 100_000;

/** An id as JSON text, which is echoed as it is. */
export type IdText = string;

/** One message of the client, or why it is not one. */
export type Incoming =
  | { readonly kind: 'request'; readonly id: IdText; readonly method: string; readonly params: object | undefined }
  | { readonly kind: 'notification'; readonly method: string; readonly params: object | undefined }
  | { readonly kind: 'cancel'; readonly id: IdText | undefined }
  | { readonly kind: 'invalid'; readonly id: IdText; readonly error: Failure };

/** Reads the body of a frame: one message or a batch. Throws the `Failure` that answers the body as a whole. */
export function readBody(body: Buffer): Incoming | readonly Incoming[] {
  const latin1 = body.toString('latin1');
  const outline = outlineOf(body, latin1, { depth: maxDepth, elements: maxElements });
  if (outline.depth > maxDepth) throw invalidRequest(`The message is nested deeper than ${maxDepth} levels.`);
  if (outline.elements > maxElements) throw invalidRequest(`The message has more than ${maxElements} elements.`);
  const value = parse(body, latin1);
  if (!Array.isArray(value)) return classify(value, outline, 0);
  if (value.length === 0) throw invalidRequest('The batch is empty.');
  if (value.length > maxBatch) throw invalidRequest(`The batch has more than ${maxBatch} messages.`);
  return value.map((element, index) => classify(element, outline, index));
}

function parse(body: Buffer, latin1: string): unknown {
  // Most bodies are ASCII, which is the same in either encoding.
  const ascii = isAscii(body);
  if (!ascii && !isUtf8(body)) throw parseError('it is not UTF-8');
  try {
    return JSON.parse(ascii ? latin1 : body.toString());
  } catch {
    // V8's own message quotes the text, which may hold a password.
    throw parseError('it is not JSON');
  }
}

/** https://www.jsonrpc.org/specification#request_object, with `params: null` taken as none. */
function classify(value: unknown, outline: Outline, index: number): Incoming {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('null', 'A message must be an object.');
  }
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  const idText = textOf(id, outline.ids[index]);
  if (idText === undefined && Object.hasOwn(value, 'id'))
    return invalid('null', 'id must be a string, a number or null.');
  if (jsonrpc !== '2.0') return invalid(idText, 'jsonrpc must be "2.0".');
  if (typeof method !== 'string') return invalid(idText, 'method must be a string.');
  if (params !== undefined && typeof params !== 'object') return invalid(idText, 'params must be an object.');
  const given = params ?? undefined;
  if (idText !== undefined) return { kind: 'request', id: idText, method, params: given };
  if (method !== '$/cancelRequest') return { kind: 'notification', method, params: given };
  const cancelledId = (given as { id?: unknown } | undefined)?.id;
  return { kind: 'cancel', id: textOf(cancelledId, outline.paramIds[index]) };
}

/** An id as it was written; undefined for what cannot be one. */
function textOf(id: unknown, written: string | undefined): IdText | undefined {
  if (typeof id === 'string' || id === null) return JSON.stringify(id);
  if (typeof id !== 'number') return undefined;
  // What was found is another number where the key is written twice, once with escapes.
  if (written !== undefined && Number(written) === id) return written;
  return Number.isFinite(id) ? JSON.stringify(id) : undefined;
}

function invalid(id: IdText | undefined, message: string): Incoming {
  return { kind: 'invalid', id: id ?? 'null', error: invalidRequest(message) };
}

/** -32600: it is JSON, but not a request that the bridge can take. */
export function invalidRequest(message: string, recommendation?: string): Failure {
  return new Failure('InvalidRequest', message, {
    recommendation: recommendation ?? 'Send a request object as https://www.jsonrpc.org/specification describes it.',
  });
}

function parseError(reason: string): Failure {
  return new Failure('ParseError', `The message cannot be read: ${reason}.`, {
    recommendation: 'Send JSON in UTF-8, with its number of bytes as Content-Length.',
  });
}
