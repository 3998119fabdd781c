import { E_ACCESSDENIED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import { officeVersion } from '../contract/types.js';
import type { Registry, RegistryValue, ValuePlace } from './port.js';

/**
 * The values of one key, read without trust: whatever type or text lies there, a reader gives a value of its own type or
 * null. Names are compared without case, as Windows does.
 */
export class Values {
  readonly #values: ReadonlyMap<string, RegistryValue>;

  constructor(
    values: ReadonlyMap<string, RegistryValue> | null,
    readonly exists = values !== null,
  ) {
    this.#values = new Map([...(values ?? [])].map(([name, data]) => [name.toLowerCase(), data]));
  }

  /** Text with something in it. */
  text(name: string): string | null {
    const data = this.#values.get(name.toLowerCase());
    return typeof data === 'string' && data.trim() !== '' ? data.trim() : null;
  }

  /** Whatever lies there, as text for people; null where there is nothing. */
  shown(name: string): string | null {
    const data = this.#values.get(name.toLowerCase());
    return data === undefined || String(data).trim() === '' ? null : String(data).trim();
  }

  /** The names of all values, in lower case. */
  names(): string[] {
    return [...this.#values.keys()];
  }

  /** DWORD 1 and 0, or the words that Click-to-Run writes: True and False. */
  flag(name: string): boolean | null {
    const data = this.#values.get(name.toLowerCase());
    const word = data === undefined ? '' : String(data).trim().toLowerCase();
    if (word === '1' || word === 'true') return true;
    return word === '0' || word === 'false' ? false : null;
  }

  version(name: string): string | null {
    const text = this.text(name);
    return text !== null && officeVersion.safeParse(text).success ? text : null;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(/[,;|]/)
      .map((entry) => entry.trim())
      .filter(Boolean);
  }

  /** A time as Click-to-Run writes it: milliseconds since 1601, as text. Null where it was never set. */
  time(name: string): string | null {
    const data = this.#values.get(name.toLowerCase());
    const digits = /^\d{1,18}$/.exec(String(data ?? '').trim())?.[0];
    const date = new Date(Number(digits ?? 0) + Date.UTC(1601, 0, 1));
    const year = date.getUTCFullYear();
    return year >= 1990 && year <= 9999 ? date.toISOString() : null;
  }
}

/** The values of a key below HKEY_LOCAL_MACHINE; none where it does not exist. */
export async function read(registry: Registry, key: string): Promise<Values> {
  return new Values(await registry.values(key));
}

/** The same for a fact that only informs: none also where this account may not read the key. */
export async function readFact(registry: Registry, key: string): Promise<Values> {
  try {
    return await read(registry, key);
  } catch (error) {
    if (error instanceof HResultError && error.hresult === E_ACCESSDENIED) return new Values(null);
    throw error;
  }
}

/** Copies a value of any type as it is; says whether there was one. */
export async function copyValue(registry: Registry, from: ValuePlace, to: ValuePlace): Promise<boolean> {
  const value = await registry.keep(from);
  await value?.putInto(to);
  return value !== null;
}
