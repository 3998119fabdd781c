/** What a COM interface that we implement looks like: its methods after IUnknown's, in the order of their slots. */
export interface InterfaceTable {
  readonly iid: string;
  readonly methods: Readonly<Record<string, readonly CallbackType[]>>;
}

/** koffi's names of the types that our methods take, and what each one is when a client calls. All return an HRESULT. */
interface CallbackTypes {
  int32: number;
  uint32: number;
  /** A copy of NUL-terminated UTF-16 text. */
  str16: string | null;
  'void *': bigint | null;
}

type CallbackType = keyof CallbackTypes;

type CallbackArguments<P extends readonly CallbackType[]> = { -readonly [K in keyof P]: CallbackTypes[P[K]] };

/** The methods of an interface as functions of the object that stands behind it. */
export type Implementation<T, M extends InterfaceTable['methods']> = {
  readonly [K in keyof M]: (target: T, ...args: CallbackArguments<M[K]>) => number;
};

/** https://learn.microsoft.com/windows/win32/api/unknwn/nn-unknwn-iclassfactory */
export const IClassFactory = {
  iid: '{00000001-0000-0000-C000-000000000046}',
  methods: {
    CreateInstance: ['void *', 'void *', 'void *'],
    LockServer: ['int32'],
  },
} as const satisfies InterfaceTable;

/** https://learn.microsoft.com/windows/win32/api/unknwn/nn-unknwn-iunknown */
export const IID_IUnknown = '{00000000-0000-0000-C000-000000000046}';
