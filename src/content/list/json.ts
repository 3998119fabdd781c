import { contentInvalid } from '../../base/content-invalid.js';
import { maxListEntries } from '../../contract/content.js';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Looks a field up by name in any case, because the services differ in it. */
export function field(object: Json, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

/** The first of some fields that holds text; null where none does. */
export function text(object: Json, ...names: readonly string[]): string | null {
  const values = names.map((name) => field(object, name));
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
}

/** The array of a response that is either the array itself or an object that holds it under `name`. */
export function collection(body: unknown, name: string, url?: string): readonly unknown[] {
  const items = Array.isArray(body) ? body : isObject(body) ? field(body, name) : undefined;
  if (Array.isArray(items)) {
    if (items.length <= maxListEntries) return items;
    throw contentInvalid(`The list of ${name} has ${items.length} entries, more than ${maxListEntries}.`, { url });
  }
  throw contentInvalid(`The response has no list of ${name}.`, {
    url,
    recommendation: 'Check that the endpoint is the one of the Office file list.',
  });
}

/** An entry of such an array; throws ContentInvalid for what is not an object. */
export function entryObject(entry: unknown, url: string): Json {
  if (isObject(entry)) return entry;
  throw contentInvalid('An entry of the list is not an object.', { file: entry, url });
}
