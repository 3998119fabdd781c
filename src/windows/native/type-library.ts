import { HResultError } from '../../base/hresult-error.js';
import { FUNCDESC, ITypeInfo, ITypeLib, oleaut32 as oleaut32Table, REGKIND_NONE, TYPEATTR } from '../abi/oleaut32.js';
import { takeBstr } from './bstr.js';
import { type ComObject, methodOf, release } from './com.js';
import { loadSystemDll } from './dll.js';
import { checkHResult } from './failed-calls.js';
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
const TYPE_E_INVDATAREAD = 0x80028018;
/** More than any interface has; a damaged library may name an interface as its own base. */
const maxBases = 16;
/** The methods of IUnknown, with which every vtable begins. */
const unknownMethods = 3;

interface Method {
  readonly name: string;
  readonly slot: number;
}

/**
 * The interfaces with these names in the type library that a DLL carries; names compare without case, as COM's do. Throws
 * `HResultError` where the library is missing or damaged: a wrong slot would call another method.
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
          if (wanted.includes(name.toLowerCase())) found.push(described(name, info));
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

function described(name: string, info: TypeInfo): InterfaceDescription {
  const { iid } = readTypeAttributes(info);
  const methods = methodsOf(info);
  if (/^[{0-]+}$/.test(iid) || !isVtable(methods)) {
    throw damaged(`The type library does not describe ${name} as a whole: it is damaged.`);
  }
  return { name, iid, slots: new Map(methods.map((method) => [method.name.toLowerCase(), method.slot])) };
}

/** Whether each slot from the first on, or from the first after IUnknown's, belongs to one method that has a name. */
function isVtable(methods: readonly Method[]): boolean {
  const names = new Map<number, string>();
  for (const { name, slot } of methods) {
    // Once more with the same name: a dual interface lists the methods of its bases, too.
    if (name === '' || (names.get(slot) ?? name) !== name) return false;
    names.set(slot, name);
  }
  const first = names.has(0) ? 0 : unknownMethods;
  return names.size > 0 && Array.from(names, (_, index) => first + index).every((slot) => names.has(slot));
}

function damaged(message: string): HResultError {
  return new HResultError('LoadTypeLibEx', TYPE_E_INVDATAREAD, message);
}

/** All methods of an interface: a type library lists with it those that no base has. */
function methodsOf(info: TypeInfo, bases = 0): Method[] {
  if (bases > maxBases) throw damaged('The type library is damaged: its interfaces inherit without end.');
  const attributes = readTypeAttributes(info);
  const inherited = attributes.bases > 0 ? withBase(info, (base) => methodsOf(base, bases + 1)) : [];
  const own = Array.from({ length: attributes.functions }, (_, index) => readFunction(info, index));
  return [...inherited, ...own];
}

function withBase<T>(info: TypeInfo, body: (base: TypeInfo) => T): T {
  const handle = Buffer.alloc(4);
  const getRefTypeOfImplType = methodOf(info, ITypeInfo.GetRefTypeOfImplType);
  checkHResult('ITypeInfo::GetRefTypeOfImplType', getRefTypeOfImplType(info, 0, handle));
  const getRefTypeInfo = methodOf(info, ITypeInfo.GetRefTypeInfo);
  return withTypeInfo('ITypeInfo::GetRefTypeInfo', (out) => getRefTypeInfo(info, handle.readUInt32LE(0), out), body);
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

function readFunction(info: TypeInfo, index: number): Method {
  const slot = pointerSlot();
  checkHResult('ITypeInfo::GetFuncDesc', methodOf(info, ITypeInfo.GetFuncDesc)(info, index, slot));
  const address = pointerAt(slot) as bigint;
  try {
    const description = bytesAt(address, FUNCDESC.size);
    const name = nameOf(info, description.readInt32LE(FUNCDESC.memid));
    return { name, slot: description.readInt16LE(FUNCDESC.oVft) / 8 };
  } finally {
    methodOf(info, ITypeInfo.ReleaseFuncDesc)(info, address);
  }
}
