/*
 * The lab's OfficeC2RCom.dll: Click-to-Run's update object as
 * https://learn.microsoft.com/office/client-developer/shared/manageability-applications-with-the-office-365-click-to-run-installer
 * describes it. What it does beyond that is set by environment variables, or where one is absent by a string without C2R_LAB_
 * in HKLM\SOFTWARE\c2r-bridge-lab\settings:
 *
 *   C2R_LAB_AVAILABLE_VERSION       what a download without updatetoversion brings
 *   C2R_LAB_STAGED_VERSION          what was downloaded before and waits
 *   C2R_LAB_DOWNLOAD_MS, _APPLY_MS  how long an action takes
 *   C2R_LAB_INITIAL_STATUS          UPDATE_STATUS at the start; a busy one is an action that has just begun
 *   C2R_LAB_CONTENT_ID              what the last download was given
 *   C2R_LAB_APPS                    GetBlockingApps' text; absent: NULL
 *   C2R_LAB_APPS_CLOSE_MS           when these apps are closed, from the start of the process
 *   C2R_LAB_DENIED                  CreateInstance gives E_ACCESSDENIED
 *   C2R_LAB_FAIL                    AT:call|end:CODE;... AT: download apply cancel status apps data. call: the method gives
 *                                   CODE as its HRESULT, end: the report of what it started shows CODE
 *   C2R_LAB_BLOCK                   AT:MS;... the method takes so long, or until there is a file C:\lab\unblocked
 *   C2R_LAB_VANISH_MS, _FOR_MS, _FORGETS  after the first accepted action the object goes away, for how long (-1: for good),
 *                                   and whether the action is lost with it
 *   C2R_LAB_CONTENT_TARGET          the folder into which a download with downloadsource and contentid fetches files from there;
 *                                   absent: nothing is fetched
 *   C2R_LAB_CONTENT_STEPS           the folder in which a file named 1, 2 ... lets it begin the next part; absent: it does not wait
 *   C2R_LAB_DATA_n                  GetOfficeDeploymentData's text for type n
 *
 *   C2R_LAB_DIE_MS                  out of process only: how long after its start the server ends
 *   C2R_LAB_REMEMBER                1: what the service does survives the server, in HKLM\SOFTWARE\c2r-bridge-lab
 *   OANOCACHE                       1: BSTRs are counted from the first activation on. That one must be alone: Wine's
 *                                   allocator crashes where another thread asks for a size while a spy comes in
 *
 * GetOfficeDeploymentData(-1) gives the fixture's own books as JSON, type -2 gives the name back.
 */
#ifndef OFFICE_C2R_COM_H
#define OFFICE_C2R_COM_H

#define COBJMACROS
#include <windows.h>
#include <ole2.h>
#include <oleauto.h>

/* winerror.h; mingw-w64's lacks it. */
#ifndef E_ILLEGAL_METHOD_CALL
#define E_ILLEGAL_METHOD_CALL ((HRESULT)0x8000000E)
#endif

typedef enum {
    UPDATE_UNKNOWN,
    DOWNLOAD_PENDING,
    DOWNLOAD_WIP,
    DOWNLOAD_CANCELLING,
    DOWNLOAD_CANCELLED,
    DOWNLOAD_FAILED,
    DOWNLOAD_SUCCEEDED,
    APPLY_PENDING,
    APPLY_WIP,
    APPLY_SUCCEEDED,
    APPLY_FAILED
} Status;

typedef struct {
    Status status;
    UINT error;
    BSTR contentid;
} StatusReport;

/* settings.c: what the environment asks for */
DWORD setting_number(const wchar_t *name, DWORD fallback);
/* FALSE where it is not set; an empty value is set. */
BOOL setting_text(const wchar_t *name, wchar_t *value, DWORD length);
/* Whether the method `at` is to fail so; `code` gets with what. */
BOOL setting_fails(const wchar_t *at, const wchar_t *when, DWORD *code);
/* How long the method `at` is to take. */
DWORD setting_blocks(const wchar_t *at);

/* ledger.c: counts of what the fixture hands out */
void ledger_open(void);
BSTR ledger_string(const wchar_t *text);
void ledger_object(LONG change);
void ledger_called(const wchar_t *method, const wchar_t *parameters);
/* The books as JSON. */
void ledger_report(wchar_t *json, DWORD length);

/* update-service.c: Click-to-Run's service, one for the process */
void service_open(void);
/* S_OK, or what a caller gets while the object is away. */
HRESULT service_reach(BOOL creating);
HRESULT service_download(const wchar_t *parameters);
HRESULT service_apply(const wchar_t *parameters);
HRESULT service_cancel(void);
void service_status(StatusReport *report);
/* NULL where no app runs. */
BSTR service_blocking_apps(void);

/* content-download.c: fetches an update from the custom BITS manager `source` into `folder` */
HRESULT content_download(const wchar_t *source, const wchar_t *content, const wchar_t *version, const wchar_t *folder);

#endif
