import type { DllTable } from './native.js';

export const shell32 = {
  // https://learn.microsoft.com/windows/win32/api/shlobj_core/nf-shlobj_core-shgetknownfolderpath
  SHGetKnownFolderPath: ['int32', ['void *', 'uint32', 'void *', 'void *']],
} as const satisfies DllTable;

/** https://learn.microsoft.com/windows/win32/shell/knownfolderid */
export const knownFolders = {
  programFiles: '{905E63B6-C1BF-494E-B29C-65B732D3D21A}',
  programFilesCommon: '{F7F1ED05-9F6D-47A2-AAAE-29D317C6F066}',
  programData: '{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}',
} as const;
