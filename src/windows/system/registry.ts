import { E_ACCESSDENIED } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import type { Registry, RegistryValue } from '../../c2r/port.js';
import { advapi32 as advapi32Table } from '../abi/advapi32.js';
import { loadSystemDll } from '../native/dll.js';
import { checkWin32 } from '../native/failed-calls.js';
import { type Pointer, pointerAt, pointerSlot } from '../native/native.js';

/** Sign-extended to pointer size, as the Windows headers define it. */
const HKEY_LOCAL_MACHINE = 0xffffffff80000002n;
const KEY_SET_VALUE = 0x2;
const DELETE = 0x10000;
const KEY_READ = 0x20019;
const KEY_WOW64_64KEY = 0x100;

const ERROR_FILE_NOT_FOUND = 2;
const ERROR_MORE_DATA = 234;
const ERROR_NO_MORE_ITEMS = 259;

/** https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types */
const REG_SZ = 1;
const REG_EXPAND_SZ = 2;
const REG_BINARY = 3;
const REG_DWORD = 4;
const REG_MULTI_SZ = 7;
const REG_QWORD = 11;

/** The longest name of a value, with its NUL. https://learn.microsoft.com/windows/win32/sysinfo/registry-element-size-limits */
const maxNameLength = 16_384;
/** The longest name of a key, with its NUL. */
const maxKeyLength = 256;

type Key = Pointer<'HKEY'>;

const advapi32 = () => loadSystemDll('advapi32.dll', advapi32Table);

/** Calls `body` with the open key and closes it, whatever happens; null where the key does not exist. */
function withKey<T>(path: string, access: number, body: (key: Key) => T): T | null {
  const slot = pointerSlot();
  const error = advapi32().RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, access | KEY_WOW64_64KEY, slot);
  if (error === ERROR_FILE_NOT_FOUND) return null;
  checkWin32(`RegOpenKeyExW(HKLM\\${path})`, error);
  const key = pointerAt<'HKEY'>(slot) as Key;
  try {
    return body(key);
  } finally {
    advapi32().RegCloseKey(key);
  }
}

/** A buffer for a value that is of `size` now: twice as much, since another process may let it grow between two calls. */
const larger = (data: Buffer, size: Buffer) => Buffer.alloc(Math.max(size.readUInt32LE(0), data.length) * 2);

function readValues(key: Key): Map<string, RegistryValue> {
  const values = new Map<string, RegistryValue>();
  const name = Buffer.alloc(maxNameLength * 2);
  const nameLength = Buffer.alloc(4);
  const type = Buffer.alloc(4);
  const size = Buffer.alloc(4);
  let data = Buffer.alloc(4096);
  for (let index = 0; ; ) {
    nameLength.writeUInt32LE(maxNameLength);
    size.writeUInt32LE(data.length);
    const error = advapi32().RegEnumValueW(key, index, name, nameLength, null, type, data, size);
    if (error === ERROR_NO_MORE_ITEMS) return values;
    if (error === ERROR_MORE_DATA) {
      data = larger(data, size);
      continue;
    }
    checkWin32('RegEnumValueW', error);
    const value = decode(type.readUInt32LE(0), data.subarray(0, size.readUInt32LE(0)));
    if (value !== undefined) values.set(name.toString('utf16le', 0, nameLength.readUInt32LE(0) * 2), value);
    index++;
  }
}

/** One value as it lies there; null where there is none of that name. */
function readRaw(key: Key, name: string): { readonly type: number; readonly data: Buffer } | null {
  const type = Buffer.alloc(4);
  const size = Buffer.alloc(4);
  for (let data = Buffer.alloc(4096); ; data = larger(data, size)) {
    size.writeUInt32LE(data.length);
    const error = advapi32().RegQueryValueExW(key, name, null, type, data, size);
    if (error === ERROR_FILE_NOT_FOUND) return null;
    if (error === ERROR_MORE_DATA) continue;
    checkWin32('RegQueryValueExW', error);
    return { type: type.readUInt32LE(0), data: data.subarray(0, size.readUInt32LE(0)) };
  }
}

function readSubkeys(key: Key): string[] {
  const names: string[] = [];
  const name = Buffer.alloc(maxKeyLength * 2);
  const length = Buffer.alloc(4);
  for (;;) {
    length.writeUInt32LE(maxKeyLength);
    const error = advapi32().RegEnumKeyExW(key, names.length, name, length, null, null, null, null);
    if (error === ERROR_NO_MORE_ITEMS) return names;
    checkWin32('RegEnumKeyExW', error);
    names.push(name.toString('utf16le', 0, length.readUInt32LE(0) * 2));
  }
}

function decode(type: number, data: Buffer): RegistryValue | undefined {
  switch (type) {
    case REG_SZ:
    case REG_EXPAND_SZ:
      // The terminating NUL may be there or not, whatever the writer did.
      return data.toString('utf16le').split('\0', 1)[0] ?? '';
    case REG_MULTI_SZ:
      return data.toString('utf16le').split('\0').filter(Boolean).join('\n');
    case REG_DWORD:
      return data.length === 4 ? data.readUInt32LE(0) : undefined;
    case REG_QWORD:
      return data.length === 8 ? data.readBigUInt64LE(0) : undefined;
    default:
      return undefined;
  }
}

/** Whether this process may write values into a key of HKEY_LOCAL_MACHINE; false also where the key does not exist. */
export function isWritable(path: string): boolean {
  return readable(() => withKey(path, KEY_SET_VALUE, () => true)) ?? false;
}

/** Writes REG_BINARY into a key of HKEY_LOCAL_MACHINE, which is created where it is missing. */
export function setBinary(path: string, name: string, data: Buffer): void {
  writeValue(path, name, REG_BINARY, data);
}

/** Deletes a key of HKEY_LOCAL_MACHINE with all that is in it; says whether it was there. */
export function deleteTree(path: string): boolean {
  const split = path.lastIndexOf('\\');
  const deleted = withKey(path.slice(0, split), DELETE | KEY_READ | KEY_SET_VALUE, (key) => {
    const error = advapi32().RegDeleteTreeW(key, path.slice(split + 1));
    if (error === ERROR_FILE_NOT_FOUND) return false;
    checkWin32(`RegDeleteTreeW(HKLM\\${path})`, error);
    return true;
  });
  return deleted ?? false;
}

function writeValue(path: string, name: string, type: number, data: Buffer): void {
  const slot = pointerSlot();
  checkWin32(
    `RegCreateKeyExW(HKLM\\${path})`,
    advapi32().RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, null, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, null, slot, null),
  );
  const key = pointerAt<'HKEY'>(slot);
  try {
    checkWin32('RegSetValueExW', advapi32().RegSetValueExW(key, name, 0, type, data, data.length));
  } finally {
    advapi32().RegCloseKey(key);
  }
}

/** HKEY_LOCAL_MACHINE of this machine. A refusal is an `HResultError` with E_ACCESSDENIED. */
export const registry: Registry = {
  async values(path) {
    return withKey(path, KEY_READ, readValues);
  },

  async setValue(path, name, value) {
    const data = typeof value === 'string' ? Buffer.from(`${value}\0`, 'utf16le') : Buffer.alloc(4);
    if (typeof value === 'number') data.writeUInt32LE(value);
    writeValue(path, name, typeof value === 'string' ? REG_SZ : REG_DWORD, data);
  },

  async keep({ key: path, name }) {
    const value = withKey(path, KEY_READ, (key) => readRaw(key, name));
    return value && { putInto: async (place) => writeValue(place.key, place.name, value.type, value.data) };
  },

  async deleteValue(path, name) {
    const deleted = withKey(path, KEY_SET_VALUE, (key) => {
      const error = advapi32().RegDeleteValueW(key, name);
      if (error === ERROR_FILE_NOT_FOUND) return false;
      checkWin32('RegDeleteValueW', error);
      return true;
    });
    return deleted ?? false;
  },
};

/** The values of a key, for facts that only inform: none where it does not exist or this account may not read it. */
export function readableValues(path: string): ReadonlyMap<string, RegistryValue> {
  return readable(() => withKey(path, KEY_READ, readValues)) ?? new Map();
}

/** The names of the keys in a key, likewise. */
export function readableSubkeys(path: string): readonly string[] {
  return readable(() => withKey(path, KEY_READ, readSubkeys)) ?? [];
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof HResultError && error.hresult === E_ACCESSDENIED) return null;
    throw error;
  }
}
