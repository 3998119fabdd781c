import type { DllTable } from './native.js';

export const crypt32 = {
  // https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certverifycertificatechainpolicy
  CertVerifyCertificateChainPolicy: ['int32', ['void *', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/wincrypt/nf-wincrypt-certgetnamestringw
  CertGetNameStringW: ['uint32', ['void *', 'uint32', 'uint32', 'void *', 'void *', 'uint32']],
} as const satisfies DllTable;
