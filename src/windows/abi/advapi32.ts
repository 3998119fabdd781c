import type { DllTable } from './native.js';

export const advapi32 = {
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regopenkeyexw
  RegOpenKeyExW: ['int32', ['void *', 'str16', 'uint32', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regcreatekeyexw
  RegCreateKeyExW: ['int32', ['void *', 'str16', 'uint32', 'str16', 'uint32', 'uint32', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletetreew
  RegDeleteTreeW: ['int32', ['void *', 'str16']],
  // https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertstringsecuritydescriptortosecuritydescriptorw
  ConvertStringSecurityDescriptorToSecurityDescriptorW: ['int32', ['str16', 'uint32', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regclosekey
  RegCloseKey: ['int32', ['void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regenumvaluew
  RegEnumValueW: ['int32', ['void *', 'uint32', 'void *', 'void *', 'void *', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regenumkeyexw
  RegEnumKeyExW: ['int32', ['void *', 'uint32', 'void *', 'void *', 'void *', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regqueryvalueexw
  RegQueryValueExW: ['int32', ['void *', 'str16', 'void *', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regsetvalueexw
  RegSetValueExW: ['int32', ['void *', 'str16', 'uint32', 'uint32', 'void *', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regdeletevaluew
  RegDeleteValueW: ['int32', ['void *', 'str16']],
  // https://learn.microsoft.com/windows/win32/api/aclapi/nf-aclapi-getnamedsecurityinfow
  GetNamedSecurityInfoW: ['uint32', ['str16', 'int32', 'uint32', 'void *', 'void *', 'void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertstringsidtosidw
  ConvertStringSidToSidW: ['int32', ['str16', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-openprocesstoken
  OpenProcessToken: ['int32', ['void *', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-gettokeninformation
  GetTokenInformation: ['int32', ['void *', 'int32', 'void *', 'uint32', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-checktokenmembership
  CheckTokenMembership: ['int32', ['void *', 'void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-openscmanagerw
  OpenSCManagerW: ['void *', ['str16', 'str16', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-openservicew
  OpenServiceW: ['void *', ['void *', 'str16', 'uint32']],
  // https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-queryservicestatus
  QueryServiceStatus: ['int32', ['void *', 'void *']],
  // https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-closeservicehandle
  CloseServiceHandle: ['int32', ['void *']],
} as const satisfies DllTable;
