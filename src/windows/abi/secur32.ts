import type { DllTable } from './native.js';

export const secur32 = {
  // https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-acquirecredentialshandlew
  AcquireCredentialsHandleW: [
    'int32',
    ['str16', 'str16', 'uint32', 'void *', 'void *', 'void *', 'void *', 'void *', 'void *'],
  ],
  // https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-initializesecuritycontextw
  InitializeSecurityContextW: [
    'int32',
    [
      'void *',
      'void *',
      'str16',
      'uint32',
      'uint32',
      'uint32',
      'void *',
      'uint32',
      'void *',
      'void *',
      'void *',
      'void *',
    ],
  ],
  // https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-completeauthtoken
  CompleteAuthToken: ['int32', ['void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-deletesecuritycontext
  DeleteSecurityContext: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-freecredentialshandle
  FreeCredentialsHandle: ['int32', ['void *']],
} as const satisfies DllTable;
