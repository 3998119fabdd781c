import type { InterfaceTable } from './com-server.js';
import type { ComTable } from './native.js';

/**
 * The interfaces of BITS: methods after IUnknown's, in the order of their slots, which is that of bits.h, bits1_5.h,
 * bits2_0.h, bits2_5.h and bits3_0.h. https://learn.microsoft.com/windows/win32/bits/bits-interfaces
 */
export const IBackgroundCopyManager = {
  iid: '{5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C}',
  methods: {
    CreateJob: ['str16', 'int32', 'void *', 'void *'],
    GetJob: ['void *', 'void *'],
    EnumJobs: ['uint32', 'void *'],
    GetErrorDescription: ['int32', 'uint32', 'void *'],
  },
} as const satisfies InterfaceTable;

export const IBackgroundCopyJob = {
  iid: '{37668D37-507E-4160-9316-26306D150B12}',
  methods: {
    AddFileSet: ['uint32', 'void *'],
    AddFile: ['str16', 'str16'],
    EnumFiles: ['void *'],
    Suspend: [],
    Resume: [],
    Cancel: [],
    Complete: [],
    GetId: ['void *'],
    GetType: ['void *'],
    GetProgress: ['void *'],
    GetTimes: ['void *'],
    GetState: ['void *'],
    GetError: ['void *'],
    GetOwner: ['void *'],
    SetDisplayName: ['str16'],
    GetDisplayName: ['void *'],
    SetDescription: ['str16'],
    GetDescription: ['void *'],
    SetPriority: ['int32'],
    GetPriority: ['void *'],
    SetNotifyFlags: ['uint32'],
    GetNotifyFlags: ['void *'],
    SetNotifyInterface: ['void *'],
    GetNotifyInterface: ['void *'],
    SetMinimumRetryDelay: ['uint32'],
    GetMinimumRetryDelay: ['void *'],
    SetNoProgressTimeout: ['uint32'],
    GetNoProgressTimeout: ['void *'],
    GetErrorCount: ['void *'],
    SetProxySettings: ['int32', 'str16', 'str16'],
    GetProxySettings: ['void *', 'void *', 'void *'],
    TakeOwnership: [],
  },
} as const satisfies InterfaceTable;

/** Its methods follow those of IBackgroundCopyJob. */
export const IBackgroundCopyJob2 = {
  iid: '{54B50739-686F-45EB-9DFF-D6A9A0FAA9AF}',
  methods: {
    SetNotifyCmdLine: ['str16', 'str16'],
    GetNotifyCmdLine: ['void *', 'void *'],
    GetReplyProgress: ['void *'],
    GetReplyData: ['void *', 'void *'],
    SetReplyFileName: ['str16'],
    GetReplyFileName: ['void *'],
    SetCredentials: ['void *'],
    RemoveCredentials: ['int32', 'int32'],
  },
} as const satisfies InterfaceTable;

/** Its methods follow those of IBackgroundCopyJob2. */
export const IBackgroundCopyJob3 = {
  iid: '{443C8934-90FF-48ED-BCDE-26F5C7450042}',
  methods: {
    ReplaceRemotePrefix: ['str16', 'str16'],
    AddFileWithRanges: ['str16', 'str16', 'uint32', 'void *'],
    SetFileACLFlags: ['uint32'],
    GetFileACLFlags: ['void *'],
  },
} as const satisfies InterfaceTable;

/** Its methods follow those of IBackgroundCopyJob3. */
export const IBackgroundCopyJob4 = {
  iid: '{659CDEAE-489E-11D9-A9CD-000D56965251}',
  methods: {
    SetPeerCachingFlags: ['uint32'],
    GetPeerCachingFlags: ['void *'],
    GetOwnerIntegrityLevel: ['void *'],
    GetOwnerElevationState: ['void *'],
    SetMaximumDownloadTime: ['uint32'],
    GetMaximumDownloadTime: ['void *'],
  },
} as const satisfies InterfaceTable;

/** Beside the others: its methods follow those of IUnknown. */
export const IBackgroundCopyJobHttpOptions = {
  iid: '{F1BD1079-9F01-4BDC-8036-F09B70095066}',
  methods: {
    SetClientCertificateByID: ['int32', 'str16', 'void *'],
    SetClientCertificateByName: ['int32', 'str16', 'str16'],
    RemoveClientCertificate: [],
    GetClientCertificate: ['void *', 'void *', 'void *', 'void *'],
    SetCustomHeaders: ['str16'],
    GetCustomHeaders: ['void *'],
    SetSecurityFlags: ['uint32'],
    GetSecurityFlags: ['void *'],
  },
} as const satisfies InterfaceTable;

export const IBackgroundCopyFile = {
  iid: '{01B7BD23-FB88-4A77-8490-5891D3E4653A}',
  methods: {
    GetRemoteName: ['void *'],
    GetLocalName: ['void *'],
    GetProgress: ['void *'],
  },
} as const satisfies InterfaceTable;

/** Its methods follow those of IBackgroundCopyFile. */
export const IBackgroundCopyFile2 = {
  iid: '{83E81B93-0873-474D-8A8C-F2018B1A939C}',
  methods: {
    GetFileRanges: ['void *', 'void *'],
    SetRemoteName: ['str16'],
  },
} as const satisfies InterfaceTable;

export const IBackgroundCopyError = {
  iid: '{19C613A0-FCB8-4F28-81AE-897C3D078F81}',
  methods: {
    GetError: ['void *', 'void *'],
    GetFile: ['void *'],
    GetErrorDescription: ['uint32', 'void *'],
    GetErrorContextDescription: ['uint32', 'void *'],
    GetProtocol: ['void *'],
  },
} as const satisfies InterfaceTable;

/** The methods of both enumerators, whatever they enumerate. */
const enumeratorMethods = {
  Next: ['uint32', 'void *', 'void *'],
  Skip: ['uint32'],
  Reset: [],
  Clone: ['void *'],
  GetCount: ['void *'],
} as const;

export const IEnumBackgroundCopyJobs = {
  iid: '{1AF4F612-3B71-466F-8F58-7B6F73AC57AD}',
  methods: enumeratorMethods,
} as const satisfies InterfaceTable;

export const IEnumBackgroundCopyFiles = {
  iid: '{CA51E165-C365-424C-8D41-24AAA4FF3C40}',
  methods: enumeratorMethods,
} as const satisfies InterfaceTable;

/** The client implements it. https://learn.microsoft.com/windows/win32/api/bits/nn-bits-ibackgroundcopycallback */
export const IBackgroundCopyCallback = {
  iid: '{97EA99C7-0186-4AD4-8DF9-C5B4E0ED6B22}',
  methods: {
    JobTransferred: [3, 'int32', ['void *']],
    JobError: [4, 'int32', ['void *', 'void *']],
    JobModification: [5, 'int32', ['void *', 'uint32']],
  } satisfies ComTable,
} as const;

/** The client may implement it, too. https://learn.microsoft.com/windows/win32/api/bits3_0/nn-bits3_0-ibackgroundcopycallback2 */
export const IBackgroundCopyCallback2 = {
  iid: '{659CDEAC-489E-11D9-A9CD-000D56965251}',
  methods: {
    ...IBackgroundCopyCallback.methods,
    FileTransferred: [6, 'int32', ['void *', 'void *']],
  } satisfies ComTable,
} as const;

/** BG_SIZE_UNKNOWN and BG_LENGTH_TO_EOF. */
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/** Sizes in the 64-bit layout of bits.h and bits2_0.h. */
export const sizeOf = { BG_FILE_INFO: 16, BG_FILE_RANGE: 16 } as const;
