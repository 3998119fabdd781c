/*
 * MpClient.h as its documentation describes it: https://learn.microsoft.com/windows/win32/lwef/windows-defender-structures
 * and the pages beside it. Written for the lab's stand-in for MpClient.dll, and for nothing else: the bridge has its own
 * tables, and a test compares the two.
 */
#pragma once
#ifdef MPCLIENT_NO_SDK
typedef unsigned int DWORD;
typedef int HRESULT, BOOL;
typedef unsigned long long ULONGLONG;
typedef union { struct { DWORD LowPart, HighPart; } u; ULONGLONG QuadPart; } ULARGE_INTEGER;
typedef void *HANDLE, *PVOID;
typedef unsigned short *LPWSTR;
typedef struct { DWORD a; unsigned short b, c; unsigned char d[8]; } GUID;
#define WINAPI
#else
#include <windows.h>
#endif

typedef HANDLE MPHANDLE, *PMPHANDLE;

typedef struct tagMPSIGUPDATE_DATA {
  DWORD dwPercentComplete;
  DWORD dwTotalUpdates;
  DWORD dwCurrentUpdateIndex;
  int eType;
  int Stage;
  LPWSTR Path;
} MPSIGUPDATE_DATA;

typedef struct tagMPCALLBACK_DATA {
  int Notify;
  HRESULT hResult;
  ULARGE_INTEGER TimeStamp;
  int Type;
  union {
    PVOID Any;
    MPSIGUPDATE_DATA *SigUpdate;
  } Data;
} MPCALLBACK_DATA;

typedef HRESULT(WINAPI *MPCALLBACK_FUNCTION)(PVOID pvContext, MPCALLBACK_DATA *pData);

/* Has no page of its own: a function and what it is called with. */
typedef struct tagMPCALLBACK_INFO {
  MPCALLBACK_FUNCTION Function;
  PVOID Context;
} MPCALLBACK_INFO;

typedef struct tagMPCOMPONENT_VERSION {
  ULARGE_INTEGER Version;
  ULARGE_INTEGER UpdateTime;
} MPCOMPONENT_VERSION;

typedef struct tagMPVERSION_INFO {
  MPCOMPONENT_VERSION Product;
  MPCOMPONENT_VERSION Service;
  MPCOMPONENT_VERSION FileSystemFilter;
  MPCOMPONENT_VERSION Engine;
  MPCOMPONENT_VERSION ASSignature;
  MPCOMPONENT_VERSION AVSignature;
  MPCOMPONENT_VERSION NISEngine;
  MPCOMPONENT_VERSION NISSignature;
  MPCOMPONENT_VERSION Reserved[4];
} MPVERSION_INFO;

typedef struct tagMPTHREAT_STATS {
  DWORD ThreatCount;
  DWORD SuspiciousThreatCount;
  DWORD Reserved[4];
} MPTHREAT_STATS;

typedef struct tagMPRESOURCE_STATS {
  DWORD PPMProgress;
  ULARGE_INTEGER ProcessCount;
  ULARGE_INTEGER FileCount;
  ULARGE_INTEGER FileBytesCount;
  ULARGE_INTEGER RegKeyCount;
  ULARGE_INTEGER Reserved[4];
} MPRESOURCE_STATS;

typedef struct tagMPSCAN_RESULT {
  int ScanType;
  int Source;
  GUID ScanGuid;
  ULARGE_INTEGER StartTime;
  ULARGE_INTEGER EndTime;
  MPTHREAT_STATS ThreatStats;
  MPRESOURCE_STATS ResourceStats;
  ULARGE_INTEGER SignatureVersion;
} MPSCAN_RESULT;

typedef struct tagMPCOMPONENT_STATUS {
  BOOL Enabled;
  HRESULT hResult;
} MPCOMPONENT_STATUS;

#define MP_THREAT_STAT_MAX_VALUE 1000
#define MPCOMPONENT_MAXVALUE 10

typedef struct tagMPSTATUS_INFO {
  DWORD ProductStatus;
  MPSCAN_RESULT LastQuickScan;
  MPSCAN_RESULT LastFullScan;
  MPTHREAT_STATS ThreatStats;
  DWORD ThreatState[MP_THREAT_STAT_MAX_VALUE + 1];
  MPCOMPONENT_STATUS Component[MPCOMPONENT_MAXVALUE + 1];
  ULARGE_INTEGER ProductExpirationTime;
} MPSTATUS_INFO;

enum { MP_STAGE_UNKNOWN, MP_SEARCH_UPDATE, MP_DOWNLOAD_UPDATE, MP_INSTALL_UPDATE };
enum { MPCONTROL_ABORT = 0 };
enum { MPCALLBACK_SIGUPDATE = 6 };
enum {
  MPNOTIFY_SIGUPDATE_START = 0x8001,
  MPNOTIFY_SIGUPDATE_SEARCH_COMPLETE = 0x8003,
  MPNOTIFY_SIGUPDATE_DOWNLOAD_START = 0x8005,
  MPNOTIFY_SIGUPDATE_DOWNLOAD_PROGRESS = 0x8006,
  MPNOTIFY_SIGUPDATE_DOWNLOAD_COMPLETE = 0x8007,
  MPNOTIFY_SIGUPDATE_INSTALL_START = 0x8008,
  MPNOTIFY_SIGUPDATE_INSTALL_PROGRESS = 0x8009,
  MPNOTIFY_SIGUPDATE_INSTALL_COMPLETE = 0x800A,
  MPNOTIFY_SIGUPDATE_COMPLETE = 0x800D,
};
enum {
  MPUPDATE_OPTION_ASYNC = 0x001,
  MPUPDATE_OPTION_PROGRESS = 0x002,
  MPUPDATE_OPTION_SOURCES = 0x1F8,
};
