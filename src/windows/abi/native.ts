/** koffi's names of the types that the tables use, and what each one is in JavaScript. */
interface NativeTypes {
  void: undefined;
  int32: number;
  uint32: number;
  size_t: number;
  /** A NUL-terminated UTF-16 copy that lives as long as the call. */
  str16: string | null;
  /** An address, or a buffer that the call reads or fills. */
  'void *': bigint | Uint8Array | null;
}

type NativeType = keyof NativeTypes;

/** What a function returns and what it takes. All of them are __stdcall, which only matters on x86. */
export type Signature = readonly [result: NativeType, params: readonly NativeType[]];

/** The functions of one DLL by their exported names. */
export type DllTable = Readonly<Record<string, Signature>>;

/** A method of a COM interface; slots count from IUnknown's QueryInterface, which is 0. `this` is not listed. */
export type Method = readonly [slot: number, result: NativeType, params: readonly NativeType[]];

/** The methods of one COM interface. */
export type ComTable = Readonly<Record<string, Method>>;

export type Arguments<P extends readonly NativeType[]> = { -readonly [K in keyof P]: NativeTypes[P[K]] };
export type Result<T extends NativeType> = T extends 'void *' ? bigint | null : NativeTypes[T];
