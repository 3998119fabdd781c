import { E_ACCESSDENIED } from '../base/hresult.js';
import { HResultError } from '../base/hresult-error.js';
import type { KeptValue, Registry, RegistryValue, ValuePlace } from '../c2r/port.js';

/** Key path → value name → value, as a scenario or a test writes it. */
export type RegistryContents = Readonly<Record<string, Readonly<Record<string, RegistryValue>>>>;

interface Value {
  readonly name: string;
  readonly data: RegistryValue;
}

/** A registry in memory. Like Windows' own it ignores case in names and keeps the case of the first write. */
export class MemoryRegistry implements Registry {
  #keys: ReadonlyMap<string, ReadonlyMap<string, Value>> = new Map();
  readonly #writable: boolean;
  readonly #changed: (contents: RegistryContents) => void;

  constructor(
    contents: RegistryContents,
    writable: boolean,
    changed: (contents: RegistryContents) => void = () => undefined,
  ) {
    this.load(contents);
    this.#writable = writable;
    this.#changed = changed;
  }

  /** Puts this in the place of everything, as what is kept already. */
  load(contents: RegistryContents): void {
    const keys = new Map<string, Map<string, Value>>();
    put(keys, contents);
    this.#keys = keys;
  }

  /** Puts values in, with any rights. */
  add(contents: RegistryContents): void {
    this.#change((keys) => put(keys, contents));
  }

  /** Nothing has changed where `#changed` refuses: what cannot be kept is not done. */
  #change(edit: (keys: Map<string, Map<string, Value>>) => void): void {
    const keys = new Map([...this.#keys].map(([key, values]) => [key, new Map(values)]));
    edit(keys);
    this.#changed(contentsOf(keys));
    this.#keys = keys;
  }

  /** Text with something in it, at once and with any rights. */
  text(key: string, name: string): string | null {
    const data = this.#keys.get(key.toLowerCase())?.get(name.toLowerCase())?.data;
    return typeof data === 'string' && data !== '' ? data : null;
  }

  async values(key: string): Promise<ReadonlyMap<string, RegistryValue> | null> {
    const values = this.#keys.get(key.toLowerCase());
    return values ? new Map([...values.values()].map(({ name, data }) => [name, data])) : null;
  }

  async setValue(key: string, name: string, value: string | number): Promise<void> {
    await this.#set({ key, name }, value);
  }

  async keep({ key, name }: ValuePlace): Promise<KeptValue | null> {
    const data = this.#keys.get(key.toLowerCase())?.get(name.toLowerCase())?.data;
    if (data === undefined) return null;
    return { putInto: (place) => this.#set(place, data) };
  }

  async #set({ key, name }: ValuePlace, data: RegistryValue): Promise<void> {
    this.#refuseUnlessWritable('RegSetKeyValueW');
    this.add({ [key]: { [name]: data } });
  }

  async deleteValue(key: string, name: string): Promise<boolean> {
    this.#refuseUnlessWritable('RegDeleteKeyValueW');
    const there = this.#keys.get(key.toLowerCase())?.has(name.toLowerCase()) ?? false;
    this.#change((keys) => void keys.get(key.toLowerCase())?.delete(name.toLowerCase()));
    return there;
  }

  #refuseUnlessWritable(source: string): void {
    if (!this.#writable) throw new HResultError(source, E_ACCESSDENIED);
  }
}

function put(keys: Map<string, Map<string, Value>>, contents: RegistryContents): void {
  for (const [key, values] of Object.entries(contents)) {
    const existing = keys.get(key.toLowerCase()) ?? new Map<string, Value>();
    keys.set(key.toLowerCase(), existing);
    for (const [name, data] of Object.entries(values)) {
      const known = existing.get(name.toLowerCase())?.name ?? name;
      existing.set(name.toLowerCase(), { name: known, data });
    }
  }
}

function contentsOf(keys: ReadonlyMap<string, ReadonlyMap<string, Value>>): RegistryContents {
  return Object.fromEntries(
    [...keys].map(([key, values]) => [
      key,
      Object.fromEntries([...values.values()].map(({ name, data }) => [name, data])),
    ]),
  );
}
