import { FUNCDESC, ITypeInfo, ITypeLib, oleaut32 as oleaut32Table, REGKIND_NONE, TYPEATTR } from './abi/oleaut32.js';
import { takeBstr } from './bstr.js';
import { type ComObject, methodOf, release } from './com.js';
import { loadSystemDll } from './dll.js';
import { checkHResult } from './errors.js';
import { guidText } from './guid.js';
import { bytesAt, pointerAt, pointerSlot } from './native.js';

/** A COM interface as its type library describes it. */
export interface InterfaceDescription {
  readonly name: string;
  readonly iid: string;
  /** Slots by the methods' names in lower case, those of its base interfaces included. */
  readonly slots: ReadonlyMap<string, number>;
}

type TypeInfo = ComObject<'ITypeInfo'>;

const MEMBERID_NIL = -1;

/**
 * The interfaces with these names in the type library that a DLL carries; names compare without case, as COM's do. Throws
 * `HResultError` where there is no library.
 */
export async function readInterfaces(path: string, names: readonly string[]): Promise<InterfaceDescription[]> {
  const slot = pointerSlot();
  const oleaut32 = loadSystemDll('oleaut32.dll', oleaut32Table);
  checkHResult('LoadTypeLibEx', await oleaut32.LoadTypeLibEx.onPool(path, REGKIND_NONE, slot));
  const library = pointerAt<'ITypeLib'>(slot) as ComObject<'ITypeLib'>;
  try {
    const wanted = names.map((name) => name.toLowerCase());
    const found: InterfaceDescription[] = [];
    const count = methodOf(library, ITypeLib.GetTypeInfoCount)(library);
    for (let index = 0; index < count; index++) {
      const getTypeInfo = methodOf(library, ITypeLib.GetTypeInfo);
      withTypeInfo(
        'ITypeLib::GetTypeInfo',
        (out) => getTypeInfo(library, index, out),
        (info) => {
          const name = nameOf(info, MEMBERID_NIL);
          if (wanted.includes(name.toLowerCase())) found.push({ name, ...describe(info) });
        },
      );
    }
    return found;
  } finally {
    release(library);
  }
}

function withTypeInfo<T>(source: string, open: (out: Buffer) => number, body: (info: TypeInfo) => T): T {
  const slot = pointerSlot();
  checkHResult(source, open(slot));
  const info = pointerAt<'ITypeInfo'>(slot) as TypeInfo;
  try {
    return body(info);
  } finally {
    release(info);
  }
}

function nameOf(info: TypeInfo, memberId: number): string {
  const name = pointerSlot();
  const getDocumentation = methodOf(info, ITypeInfo.GetDocumentation);
  checkHResult('ITypeInfo::GetDocumentation', getDocumentation(info, memberId, name, null, null, null));
  return takeBstr(name) ?? '';
}

function describe(info: TypeInfo): { iid: string; slots: Map<string, number> } {
  const attributes = readTypeAttributes(info);
  const slots = attributes.bases > 0 ? slotsOfBase(info) : new Map<string, number>();
  for (let index = 0; index < attributes.functions; index++) {
    const [name, slot] = readFunction(info, index);
    slots.set(name.toLowerCase(), slot);
  }
  return { iid: attributes.iid, slots };
}

/** A type library lists an interface's own methods only. */
function slotsOfBase(info: TypeInfo): Map<string, number> {
  const handle = Buffer.alloc(4);
  const getRefTypeOfImplType = methodOf(info, ITypeInfo.GetRefTypeOfImplType);
  checkHResult('ITypeInfo::GetRefTypeOfImplType', getRefTypeOfImplType(info, 0, handle));
  const getRefTypeInfo = methodOf(info, ITypeInfo.GetRefTypeInfo);
  return withTypeInfo(
    'ITypeInfo::GetRefTypeInfo',
    (out) => getRefTypeInfo(info, handle.readUInt32LE(0), out),
    (base) => describe(base).slots,
  );
}

function readTypeAttributes(info: TypeInfo): { iid: string; functions: number; bases: number } {
  const slot = pointerSlot();
  checkHResult('ITypeInfo::GetTypeAttr', methodOf(info, ITypeInfo.GetTypeAttr)(info, slot));
  const address = pointerAt(slot) as bigint;
  try {
    const attributes = bytesAt(address, TYPEATTR.size);
    return {
      iid: guidText(attributes, TYPEATTR.guid),
      functions: attributes.readUInt16LE(TYPEATTR.cFuncs),
      bases: attributes.readUInt16LE(TYPEATTR.cImplTypes),
    };
  } finally {
    methodOf(info, ITypeInfo.ReleaseTypeAttr)(info, address);
  }
}

function readFunction(info: TypeInfo, index: number): [name: string, slot: number] {
  const slot = pointerSlot();
  checkHResult('ITypeInfo::GetFuncDesc', methodOf(info, ITypeInfo.GetFuncDesc)(info, index, slot));
  const address = pointerAt(slot) as bigint;
  try {
    const description = bytesAt(address, FUNCDESC.size);
    const name = nameOf(info, description.readInt32LE(FUNCDESC.memid));
    return [name, description.readInt16LE(FUNCDESC.oVft) / 8];
  } finally {
    methodOf(info, ITypeInfo.ReleaseFuncDesc)(info, address);
  }
}
