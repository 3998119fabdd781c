import koffi = require('koffi');

import { E_NOINTERFACE, E_POINTER, E_UNEXPECTED, RPC_E_DISCONNECTED, S_OK } from '../../base/hresult.js';
import { HResultError } from '../../base/hresult-error.js';
import { IID_IUnknown, type Implementation, type InterfaceTable } from '../abi/com-server.js';
import { guidText } from './guid.js';
import { putPointer } from './memory.js';
import { bytesAt } from './native.js';

/** An object that clients hold. */
interface ServedObject {
  references: number;
  readonly target: unknown;
  /** The first of its pointers; where a client must not tell two apart, it is this one. */
  readonly address: bigint;
  readonly retire: () => unknown;
}

/** Everything that clients hold at the moment, by the addresses of its pointers: what `this` is in a call. */
const served = new Map<bigint, ServedObject>();

/** What the server wants to know of its objects. */
export interface ServerEvents {
  /** A client called; `name` is the method. */
  called(name: string): void;
  /** An object came (1) or went (-1). */
  counted(change: 1 | -1): void;
  /** A method threw what it must not: a bug. */
  failed(name: string, error: unknown): void;
}

/** A COM class of ours. */
export interface ComClass<T> {
  /**
   * A reference to the object that stands for `target`, counted; the same address for as long as anybody holds it, which
   * is what COM means by identity.
   */
  reference(target: T): bigint;
  /** QueryInterface of the object that stands for `target`, for a caller that has no reference yet. */
  query(target: T, iid: bigint, out: bigint): number;
}

/** Interfaces that share a vtable, since each of them only adds methods to the one before; IUnknown's come first. */
export interface InterfaceChain {
  readonly iids: readonly string[];
  readonly methods: InterfaceTable['methods'];
}

/**
 * Makes a class from its implementation: an object has one pointer for each chain of interfaces. Its functions are callable
 * by foreign threads for the rest of the process: koffi has room for 8,192 of them, so a class is made once.
 */
export function comClass<T extends object, M extends InterfaceTable['methods']>(
  chains: readonly InterfaceChain[],
  implementation: Implementation<T, M>,
  events: ServerEvents,
): ComClass<T> {
  const offsets = new Map(
    chains.flatMap(({ iids }, index) => iids.map((iid) => [iid, BigInt(index * pointerSize)] as const)),
  );
  offsets.set(IID_IUnknown, 0n);
  const vtables = chains.map(({ methods }) => vtableOf(methods, offsets, implementation, events));
  const addresses = new Map<T, bigint>();

  const self: ComClass<T> = {
    query(target, iid, out) {
      const address = self.reference(target);
      const result = queryInterface(offsets, address, iid, out);
      releaseReference(address, events);
      return result;
    },
    reference(target) {
      const existing = addresses.get(target);
      if (existing !== undefined) {
        addReference(existing);
        return existing;
      }
      const address = koffi.alloc('void *', vtables.length) as unknown as bigint;
      const pointers = vtables.map((_, index) => address + BigInt(index * pointerSize));
      const retire = () => {
        addresses.delete(target);
        for (const pointer of pointers) served.delete(pointer);
      };
      const object = { references: 1, target, address, retire };
      for (const [index, pointer] of pointers.entries()) {
        koffi.encode(pointer, 'void *', vtables[index]);
        served.set(pointer, object);
      }
      addresses.set(target, address);
      events.counted(1);
      return address;
    },
  };
  return self;
}

const pointerSize = 8;

function vtableOf(
  methods: InterfaceTable['methods'],
  offsets: ReadonlyMap<string, bigint>,
  implementation: object,
  events: ServerEvents,
): bigint {
  const slots = [
    callback(['void *', 'void *'], (self, iid, out) => queryInterface(offsets, self, iid as bigint | null, out)),
    callback([], (self) => addReference(self)),
    callback([], (self) => releaseReference(self, events)),
    ...Object.entries(methods).map(([name, params]) =>
      callback(params, (self, ...args) => invoke(implementation, name, self, args, events)),
    ),
  ];
  const vtable = koffi.alloc('void *', slots.length) as unknown as bigint;
  for (const [index, slot] of slots.entries()) koffi.encode(vtable, index * pointerSize, 'void *', slot);
  return vtable;
}

type Callback = (self: bigint, ...args: (bigint | number | string | null)[]) => number;

function callback(params: readonly string[], body: Callback): bigint {
  const prototype = koffi.proto('__stdcall', 'int32', ['void *', ...params]);
  return koffi.register(body, koffi.pointer(prototype)) as unknown as bigint;
}

function queryInterface(offsets: ReadonlyMap<string, bigint>, self: bigint, iid: bigint | null, out: unknown): number {
  const object = served.get(self);
  if (!object) return RPC_E_DISCONNECTED;
  if (iid === null || out === null) return E_POINTER;
  const offset = offsets.get(guidText(bytesAt(iid, 16)));
  putPointer(out as bigint, offset === undefined ? null : object.address + offset);
  if (offset === undefined) return E_NOINTERFACE;
  object.references++;
  return S_OK;
}

function addReference(self: bigint): number {
  const object = served.get(self);
  if (!object) return 0;
  return ++object.references;
}

/** Gives back a reference of ours or of a client. */
export function releaseReference(self: bigint, events: ServerEvents): number {
  const object = served.get(self);
  if (!object) return 0;
  if (--object.references > 0) return object.references;
  object.retire();
  koffi.free(object.address);
  events.counted(-1);
  return 0;
}

function invoke(
  implementation: object,
  name: string,
  self: bigint,
  args: readonly unknown[],
  events: ServerEvents,
): number {
  events.called(name);
  const object = served.get(self);
  if (!object) return RPC_E_DISCONNECTED;
  try {
    const body = (implementation as Record<string, (...all: unknown[]) => number>)[name];
    return body ? body(object.target, ...args) : E_UNEXPECTED;
  } catch (error) {
    if (error instanceof HResultError) return error.hresult;
    events.failed(name, error);
    return E_UNEXPECTED;
  }
}
