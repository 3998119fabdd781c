#include "bits-client.h"
#include <stdio.h>
#include <wchar.h>

static int failures;

/* One line a check, so that the test can name what is wrong. */
static void check(const char *what, HRESULT actual, HRESULT expected)
{
    BOOL good = actual == expected;
    printf("%s %s", good ? "ok" : "FAIL", what);
    if (!good) printf(": 0x%08lx instead of 0x%08lx", (unsigned long)actual, (unsigned long)expected);
    printf("\n");
    failures += !good;
}

static void check_true(const char *what, BOOL condition)
{
    printf("%s %s\n", condition ? "ok" : "FAIL", what);
    failures += !condition;
}

static BOOL same_text(const wchar_t *actual, const wchar_t *expected)
{
    return actual && wcscmp(actual, expected) == 0;
}

/* IUnknown's rules between two interfaces of one object. */
static void check_identity(const char *what, IUnknown *object, REFIID first, REFIID second)
{
    char line[128];
    IUnknown *a = NULL, *b = NULL, *back = NULL, *unknown_a = NULL, *unknown_b = NULL, *none = (IUnknown *)1;
    HRESULT result = IUnknown_QueryInterface(object, first, (void **)&a);
    if (SUCCEEDED(result)) result = IUnknown_QueryInterface(a, second, (void **)&b);
    if (SUCCEEDED(result)) result = IUnknown_QueryInterface(b, first, (void **)&back);
    snprintf(line, sizeof line, "%s: QueryInterface goes there and back", what);
    check(line, result, S_OK);
    if (FAILED(result)) return;
    IUnknown_QueryInterface(a, &IID_IUnknown, (void **)&unknown_a);
    IUnknown_QueryInterface(b, &IID_IUnknown, (void **)&unknown_b);
    snprintf(line, sizeof line, "%s: IUnknown is one and the same", what);
    check_true(line, unknown_a != NULL && unknown_a == unknown_b);
    snprintf(line, sizeof line, "%s: an interface that it lacks is E_NOINTERFACE", what);
    check(line, IUnknown_QueryInterface(a, &IID_IDispatch, (void **)&none), E_NOINTERFACE);
    snprintf(line, sizeof line, "%s: and leaves NULL behind", what);
    check_true(line, none == NULL);
    IUnknown *all[] = { a, b, back, unknown_a, unknown_b };
    for (unsigned at = 0; at < sizeof all / sizeof *all; at++)
        if (all[at]) IUnknown_Release(all[at]);
}

static void check_manager(IBackgroundCopyManager *manager)
{
    IBackgroundCopyJob *job = NULL, *again = NULL, *two[2];
    IEnumBackgroundCopyJobs *jobs = NULL, *copy = NULL;
    GUID id = { 0 }, none = { 0 };
    WCHAR *text = NULL, long_name[300];
    ULONG count = 0, fetched = 0;
    check_identity("the manager", (IUnknown *)manager, &IID_IBackgroundCopyManager, &IID_IUnknown);
    check("CreateJob of an upload is E_NOTIMPL",
          IBackgroundCopyManager_CreateJob(manager, L"upload", BG_JOB_TYPE_UPLOAD, &id, &job), E_NOTIMPL);
    check("CreateJob of an undefined type is E_NOTIMPL",
          IBackgroundCopyManager_CreateJob(manager, L"?", (BG_JOB_TYPE)99, &id, &job), E_NOTIMPL);
    wmemset(long_name, L'x', 299);
    long_name[299] = 0;
    check("CreateJob with a name of 299 characters is E_INVALIDARG",
          IBackgroundCopyManager_CreateJob(manager, long_name, BG_JOB_TYPE_DOWNLOAD, &id, &job), E_INVALIDARG);
    check_true("a refused CreateJob gives no job", job == NULL);
    check("CreateJob", IBackgroundCopyManager_CreateJob(manager, L"h\u00e9llo \u65e5\u672c", BG_JOB_TYPE_DOWNLOAD, &id, &job),
          S_OK);
    check("GetJob finds it", IBackgroundCopyManager_GetJob(manager, &id, &again), S_OK);
    check_true("and gives the same object", again == job);
    if (again) IBackgroundCopyJob_Release(again);
    again = NULL;
    check("GetJob of another id is BG_E_NOT_FOUND", IBackgroundCopyManager_GetJob(manager, &none, &again), BG_E_NOT_FOUND);
    check("EnumJobs with unknown flags is E_INVALIDARG", IBackgroundCopyManager_EnumJobs(manager, 2, &jobs), E_INVALIDARG);
    check("EnumJobs", IBackgroundCopyManager_EnumJobs(manager, 0, &jobs), S_OK);
    check_identity("the list of jobs", (IUnknown *)jobs, &IID_IEnumBackgroundCopyJobs, &IID_IUnknown);
    check("GetCount", IEnumBackgroundCopyJobs_GetCount(jobs, &count), S_OK);
    check_true("counts the job", count >= 1);
    BOOL found = FALSE;
    for (ULONG at = 0; at < count; at++) {
        again = NULL;
        check("Next", IEnumBackgroundCopyJobs_Next(jobs, 1, &again, &fetched), S_OK);
        found |= again == job;
        if (again) IBackgroundCopyJob_Release(again);
    }
    check_true("the list holds the job", found);
    check("Next behind the end is S_FALSE", IEnumBackgroundCopyJobs_Next(jobs, 1, &again, &fetched), S_FALSE);
    check_true("and fetches none", fetched == 0);
    check("Clone", IEnumBackgroundCopyJobs_Clone(jobs, &copy), S_OK);
    check("a clone stands where its original stood", IEnumBackgroundCopyJobs_Skip(copy, 1), S_FALSE);
    check("Reset", IEnumBackgroundCopyJobs_Reset(copy), S_OK);
    check("Skip after Reset", IEnumBackgroundCopyJobs_Skip(copy, 1), S_OK);
    fetched = 9;
    check("Next of none is S_OK", IEnumBackgroundCopyJobs_Next(jobs, 0, &again, &fetched), S_OK);
    check_true("and fetches none", fetched == 0);
    check_true("Next of two without a place for the number is refused",
               FAILED(IEnumBackgroundCopyJobs_Next(jobs, 2, two, NULL)));
    IEnumBackgroundCopyJobs_Release(copy);
    IEnumBackgroundCopyJobs_Release(jobs);
    check("GetErrorDescription", IBackgroundCopyManager_GetErrorDescription(manager, BG_E_EMPTY, 0x409, &text), S_OK);
    check_true("has a text", text && wcslen(text) > 10);
    CoTaskMemFree(text);
    text = (WCHAR *)1;
    check("GetErrorDescription of no known code is BG_E_NOT_FOUND",
          IBackgroundCopyManager_GetErrorDescription(manager, 0xA1234567, 0x409, &text), BG_E_NOT_FOUND);
    check("GetDisplayName", IBackgroundCopyJob_GetDisplayName(job, &text), S_OK);
    check_true("is what CreateJob was given", same_text(text, L"h\u00e9llo \u65e5\u672c"));
    CoTaskMemFree(text);
    check("Cancel", IBackgroundCopyJob_Cancel(job), S_OK);
    IBackgroundCopyJob_Release(job);
}

static void check_job4(IBackgroundCopyJob *base)
{
    IBackgroundCopyJob4 *job = NULL;
    DWORD flags = 9;
    ULONG number = 0;
    BOOL elevated = 9;
    check("QueryInterface for IBackgroundCopyJob4",
          IBackgroundCopyJob_QueryInterface(base, &IID_IBackgroundCopyJob4, (void **)&job), S_OK);
    if (!job) return;
    check("GetPeerCachingFlags", IBackgroundCopyJob4_GetPeerCachingFlags(job, &flags), S_OK);
    check_true("are none at first", flags == 0);
    check("SetPeerCachingFlags",
          IBackgroundCopyJob4_SetPeerCachingFlags(job, BG_JOB_ENABLE_PEERCACHING_CLIENT | BG_JOB_ENABLE_PEERCACHING_SERVER), S_OK);
    check("GetPeerCachingFlags", IBackgroundCopyJob4_GetPeerCachingFlags(job, &flags), S_OK);
    check_true("are what was set", flags == 3);
    check("GetOwnerIntegrityLevel", IBackgroundCopyJob4_GetOwnerIntegrityLevel(job, &number), S_OK);
    check_true("is that of an administrator or of SYSTEM", number == 0x3000 || number == 0x4000);
    check("GetOwnerElevationState", IBackgroundCopyJob4_GetOwnerElevationState(job, &elevated), S_OK);
    check_true("is elevated", elevated == TRUE);
    check("GetMaximumDownloadTime", IBackgroundCopyJob4_GetMaximumDownloadTime(job, &number), S_OK);
    check_true("is 90 days", number == 7776000);
    check("SetMaximumDownloadTime", IBackgroundCopyJob4_SetMaximumDownloadTime(job, 3600), S_OK);
    check("GetMaximumDownloadTime", IBackgroundCopyJob4_GetMaximumDownloadTime(job, &number), S_OK);
    check_true("is what was set", number == 3600);
    IBackgroundCopyJob4_Release(job);
}

static void check_http_options(IBackgroundCopyJob *base)
{
    IBackgroundCopyJobHttpOptions *options = NULL;
    BG_CERT_STORE_LOCATION location = (BG_CERT_STORE_LOCATION)9;
    WCHAR *store = NULL, *subject = NULL, *text = NULL;
    BYTE *hash = NULL, thumbprint[20] = { 1 };
    ULONG flags = 9;
    check("QueryInterface for IBackgroundCopyJobHttpOptions",
          IBackgroundCopyJob_QueryInterface(base, &IID_IBackgroundCopyJobHttpOptions, (void **)&options), S_OK);
    if (!options) return;
    check_identity("the HTTP options", (IUnknown *)options, &IID_IBackgroundCopyJobHttpOptions, &IID_IBackgroundCopyJob2);
    check("GetSecurityFlags", IBackgroundCopyJobHttpOptions_GetSecurityFlags(options, &flags), S_OK);
    check_true("are none at first", flags == 0);
    check("SetSecurityFlags", IBackgroundCopyJobHttpOptions_SetSecurityFlags(options, 1), S_OK);
    check("GetSecurityFlags", IBackgroundCopyJobHttpOptions_GetSecurityFlags(options, &flags), S_OK);
    check_true("are what was set", flags == 1);
    check("SetCustomHeaders", IBackgroundCopyJobHttpOptions_SetCustomHeaders(options, L"X-A: b\r\n"), S_OK);
    check("GetCustomHeaders", IBackgroundCopyJobHttpOptions_GetCustomHeaders(options, &text), S_OK);
    check_true("are what was set", same_text(text, L"X-A: b\r\n"));
    CoTaskMemFree(text);
    check("SetClientCertificateByID is E_NOTIMPL",
          IBackgroundCopyJobHttpOptions_SetClientCertificateByID(options, BG_CERT_STORE_LOCATION_LOCAL_MACHINE, L"MY", thumbprint),
          E_NOTIMPL);
    check("SetClientCertificateByName is E_NOTIMPL",
          IBackgroundCopyJobHttpOptions_SetClientCertificateByName(options, BG_CERT_STORE_LOCATION_LOCAL_MACHINE, L"MY", L"name"),
          E_NOTIMPL);
    check("RemoveClientCertificate of none is S_FALSE", IBackgroundCopyJobHttpOptions_RemoveClientCertificate(options), S_FALSE);
    check("GetClientCertificate of none is RPC_X_BAD_STUB_DATA",
          IBackgroundCopyJobHttpOptions_GetClientCertificate(options, &location, &store, &hash, &subject),
          HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA));
    IBackgroundCopyJobHttpOptions_Release(options);
}

static void check_settings(IBackgroundCopyManager *manager)
{
    IBackgroundCopyJob *base = NULL;
    IBackgroundCopyJob3 *job = NULL;
    IUnknown *notify = (IUnknown *)1;
    GUID id, same_id;
    WCHAR *text = NULL, *list = NULL, *bypass = NULL, long_name[300];
    BG_JOB_TYPE type;
    BG_JOB_PRIORITY priority;
    BG_JOB_PROXY_USAGE usage;
    BG_JOB_TIMES times;
    BG_JOB_PROGRESS progress;
    BG_JOB_REPLY_PROGRESS reply;
    BG_JOB_STATE state;
    BG_AUTH_CREDENTIALS credentials = { .Target = BG_AUTH_TARGET_SERVER, .Scheme = BG_AUTH_SCHEME_BASIC };
    ULONG number = 0;
    DWORD flags = 0;
    byte *data = (byte *)1;
    UINT64 length = 1;
    IBackgroundCopyManager_CreateJob(manager, L"settings", BG_JOB_TYPE_DOWNLOAD, &id, &base);
    check_identity("the job", (IUnknown *)base, &IID_IBackgroundCopyJob, &IID_IBackgroundCopyJob3);
    check_identity("the job", (IUnknown *)base, &IID_IBackgroundCopyJob2, &IID_IBackgroundCopyJob3);
    check("QueryInterface for IBackgroundCopyJob3",
          IBackgroundCopyJob_QueryInterface(base, &IID_IBackgroundCopyJob3, (void **)&job), S_OK);
    check("GetId", IBackgroundCopyJob3_GetId(job, &same_id), S_OK);
    check_true("is the id of CreateJob", IsEqualGUID(&id, &same_id));
    check("GetType", IBackgroundCopyJob3_GetType(job, &type), S_OK);
    check_true("is a download", type == BG_JOB_TYPE_DOWNLOAD);
    check("GetState", IBackgroundCopyJob3_GetState(job, &state), S_OK);
    check_true("of a new job is SUSPENDED", state == BG_JOB_STATE_SUSPENDED);
    check("GetProgress", IBackgroundCopyJob3_GetProgress(job, &progress), S_OK);
    check_true("of an empty job is nothing", progress.FilesTotal == 0 && progress.BytesTransferred == 0);
    check("GetTimes", IBackgroundCopyJob3_GetTimes(job, &times), S_OK);
    check_true("has no completion yet", times.TransferCompletionTime.dwHighDateTime == 0 && times.CreationTime.dwHighDateTime);
    check("GetOwner", IBackgroundCopyJob3_GetOwner(job, &text), S_OK);
    check_true("is a SID", text && wcsncmp(text, L"S-1-", 4) == 0);
    CoTaskMemFree(text);
    check("SetDescription", IBackgroundCopyJob3_SetDescription(job, L"d\u00e9scription"), S_OK);
    check("GetDescription", IBackgroundCopyJob3_GetDescription(job, &text), S_OK);
    check_true("gives it back", same_text(text, L"d\u00e9scription"));
    CoTaskMemFree(text);
    check("SetDisplayName", IBackgroundCopyJob3_SetDisplayName(job, L"other"), S_OK);
    wmemset(long_name, L'x', 299);
    long_name[299] = 0;
    check("SetDisplayName of 299 characters is BG_E_STRING_TOO_LONG", IBackgroundCopyJob3_SetDisplayName(job, long_name),
          BG_E_STRING_TOO_LONG);
    check("SetPriority", IBackgroundCopyJob3_SetPriority(job, BG_JOB_PRIORITY_FOREGROUND), S_OK);
    check("SetPriority of an undefined one is E_NOTIMPL", IBackgroundCopyJob3_SetPriority(job, (BG_JOB_PRIORITY)4), E_NOTIMPL);
    check("GetPriority", IBackgroundCopyJob3_GetPriority(job, &priority), S_OK);
    check_true("is what was set", priority == BG_JOB_PRIORITY_FOREGROUND);
    check("GetNotifyFlags", IBackgroundCopyJob3_GetNotifyFlags(job, &number), S_OK);
    check_true("are transferred and error at first", number == 3);
    check("SetNotifyFlags of undefined ones is E_NOTIMPL", IBackgroundCopyJob3_SetNotifyFlags(job, 0x40), E_NOTIMPL);
    check("SetNotifyFlags of files and their ranges", IBackgroundCopyJob3_SetNotifyFlags(job, 0x30), S_OK);
    check("GetNotifyFlags", IBackgroundCopyJob3_GetNotifyFlags(job, &number), S_OK);
    check_true("are what was set", number == 0x30);
    FILETIME created = times.ModificationTime;
    Sleep(20);
    check("SetNotifyFlags", IBackgroundCopyJob3_SetNotifyFlags(job, 2), S_OK);
    check("GetTimes again", IBackgroundCopyJob3_GetTimes(job, &times), S_OK);
    check_true("shows that a setting was changed", CompareFileTime(&created, &times.ModificationTime) < 0);
    check("GetNotifyInterface", IBackgroundCopyJob3_GetNotifyInterface(job, &notify), S_OK);
    check_true("is NULL at first", notify == NULL);
    check("SetNotifyInterface with NULL", IBackgroundCopyJob3_SetNotifyInterface(job, NULL), S_OK);
    check("SetMinimumRetryDelay", IBackgroundCopyJob3_SetMinimumRetryDelay(job, 1), S_OK);
    check("GetMinimumRetryDelay", IBackgroundCopyJob3_GetMinimumRetryDelay(job, &number), S_OK);
    check_true("is raised to its minimum", number == 5);
    check("SetNoProgressTimeout", IBackgroundCopyJob3_SetNoProgressTimeout(job, 4000000000u), S_OK);
    check("GetNoProgressTimeout", IBackgroundCopyJob3_GetNoProgressTimeout(job, &number), S_OK);
    check_true("is what was set", number == 4000000000u);
    check("GetErrorCount", IBackgroundCopyJob3_GetErrorCount(job, &number), S_OK);
    check_true("is none", number == 0);
    check("SetProxySettings", IBackgroundCopyJob3_SetProxySettings(job, BG_JOB_PROXY_USAGE_OVERRIDE, L"proxy:80", NULL), S_OK);
    check("SetProxySettings with a list that does not fit is E_INVALIDARG",
          IBackgroundCopyJob3_SetProxySettings(job, BG_JOB_PROXY_USAGE_NO_PROXY, L"proxy:80", NULL), E_INVALIDARG);
    check("SetProxySettings of an undefined usage is E_NOTIMPL",
          IBackgroundCopyJob3_SetProxySettings(job, (BG_JOB_PROXY_USAGE)9, NULL, NULL), E_NOTIMPL);
    check("GetProxySettings", IBackgroundCopyJob3_GetProxySettings(job, &usage, &list, &bypass), S_OK);
    check_true("are what was set", usage == BG_JOB_PROXY_USAGE_OVERRIDE && same_text(list, L"proxy:80") && bypass == NULL);
    CoTaskMemFree(list);
    check("TakeOwnership", IBackgroundCopyJob3_TakeOwnership(job), S_OK);
    check("SetNotifyCmdLine of a program is E_NOTIMPL", IBackgroundCopyJob3_SetNotifyCmdLine(job, L"C:\\x.exe", NULL), E_NOTIMPL);
    check("GetNotifyCmdLine", IBackgroundCopyJob3_GetNotifyCmdLine(job, &list, &bypass), S_OK);
    check_true("is none", list == NULL && bypass == NULL);
    check("GetReplyProgress is E_NOTIMPL", IBackgroundCopyJob3_GetReplyProgress(job, &reply), E_NOTIMPL);
    check("GetReplyData is E_NOTIMPL", IBackgroundCopyJob3_GetReplyData(job, &data, &length), E_NOTIMPL);
    check("SetReplyFileName is E_NOTIMPL", IBackgroundCopyJob3_SetReplyFileName(job, L"C:\\reply"), E_NOTIMPL);
    check("GetReplyFileName is E_NOTIMPL", IBackgroundCopyJob3_GetReplyFileName(job, &text), E_NOTIMPL);
    credentials.Credentials.Basic.UserName = L"user";
    credentials.Credentials.Basic.Password = L"password";
    check("SetCredentials is E_NOTIMPL", IBackgroundCopyJob3_SetCredentials(job, &credentials), E_NOTIMPL);
    check("RemoveCredentials of none is S_FALSE",
          IBackgroundCopyJob3_RemoveCredentials(job, BG_AUTH_TARGET_SERVER, BG_AUTH_SCHEME_BASIC), S_FALSE);
    check("RemoveCredentials of no target is BG_E_INVALID_AUTH_TARGET",
          IBackgroundCopyJob3_RemoveCredentials(job, (BG_AUTH_TARGET)9, BG_AUTH_SCHEME_BASIC), BG_E_INVALID_AUTH_TARGET);
    check("RemoveCredentials of no scheme is BG_E_INVALID_AUTH_SCHEME",
          IBackgroundCopyJob3_RemoveCredentials(job, BG_AUTH_TARGET_PROXY, (BG_AUTH_SCHEME)9), BG_E_INVALID_AUTH_SCHEME);
    check("SetFileACLFlags", IBackgroundCopyJob3_SetFileACLFlags(job, 15), S_OK);
    check("SetFileACLFlags of unknown ones is E_INVALIDARG", IBackgroundCopyJob3_SetFileACLFlags(job, 16), E_INVALIDARG);
    check("GetFileACLFlags", IBackgroundCopyJob3_GetFileACLFlags(job, &flags), S_OK);
    check_true("are what was set", flags == 15);
    check_job4(base);
    check_http_options(base);
    check("Cancel", IBackgroundCopyJob3_Cancel(job), S_OK);
    check("TakeOwnership then is BG_E_INVALID_STATE", IBackgroundCopyJob3_TakeOwnership(job), BG_E_INVALID_STATE);
    check("SetFileACLFlags then is BG_E_INVALID_STATE", IBackgroundCopyJob3_SetFileACLFlags(job, 1), BG_E_INVALID_STATE);
    check("a setter of a job that has ended is BG_E_INVALID_STATE",
          IBackgroundCopyJob3_SetPriority(job, BG_JOB_PRIORITY_LOW), BG_E_INVALID_STATE);
    check("a second Cancel is BG_E_INVALID_STATE", IBackgroundCopyJob3_Cancel(job), BG_E_INVALID_STATE);
    check("Resume then is BG_E_INVALID_STATE", IBackgroundCopyJob3_Resume(job), BG_E_INVALID_STATE);
    check("Suspend then is BG_E_INVALID_STATE", IBackgroundCopyJob3_Suspend(job), BG_E_INVALID_STATE);
    check("Complete then is BG_E_INVALID_STATE", IBackgroundCopyJob3_Complete(job), BG_E_INVALID_STATE);
    check("GetState then", IBackgroundCopyJob3_GetState(job, &state), S_OK);
    check_true("is CANCELLED", state == BG_JOB_STATE_CANCELLED);
    IBackgroundCopyJob3_Release(job);
    IBackgroundCopyJob_Release(base);
}

static void check_files(IBackgroundCopyManager *manager, const wchar_t *content, const wchar_t *folder)
{
    enum { LONGEST = 512 };
    IBackgroundCopyJob *base = NULL;
    IBackgroundCopyJob3 *job = NULL;
    IEnumBackgroundCopyFiles *files = NULL;
    IBackgroundCopyFile *file = NULL, *pair[4] = { 0 };
    IBackgroundCopyFile2 *file2 = NULL;
    GUID id;
    wchar_t url[LONGEST], other[LONGEST], prefix[LONGEST], local[LONGEST], second[LONGEST];
    WCHAR *text = NULL;
    BG_FILE_PROGRESS progress;
    BG_FILE_RANGE ranges[] = { { 10, 5 }, { 0, 10 } }, overlapping[] = { { 0, 10 }, { 5, 10 } },
                  empty[] = { { 0, 0 } }, beyond[] = { { BG_LENGTH_TO_EOF, 1 } }, *given = NULL;
    DWORD count = 9;
    ULONG number = 0;
    BG_FILE_INFO set[2];
    swprintf(url, LONGEST, L"cmbits://%ls/Office/Data/v64.cab", content);
    swprintf(prefix, LONGEST, L"cmbits://%ls/", content);
    swprintf(other, LONGEST, L"cmbits://%ls/Office/Data/16.0.1.2/stream.x64.x-none.dat", content);
    swprintf(local, LONGEST, L"%ls\\conformance-1.bin", folder);
    swprintf(second, LONGEST, L"%ls\\conformance-2.bin", folder);
    IBackgroundCopyManager_CreateJob(manager, L"files", BG_JOB_TYPE_DOWNLOAD, &id, &base);
    IBackgroundCopyJob_QueryInterface(base, &IID_IBackgroundCopyJob3, (void **)&job);
    check("Resume of an empty job is BG_E_EMPTY", IBackgroundCopyJob3_Resume(job), BG_E_EMPTY);
    check("AddFile of another protocol is E_INVALIDARG",
          IBackgroundCopyJob3_AddFile(job, L"https://example.invalid/file", local), E_INVALIDARG);
    check("AddFile that leaves the content is E_INVALIDARG",
          IBackgroundCopyJob3_AddFile(job, L"cmbits://x/Office/%2e%2e/%2e%2e/secret", local), E_INVALIDARG);
    check("AddFile to a relative path is E_INVALIDARG", IBackgroundCopyJob3_AddFile(job, url, L"file.bin"), E_INVALIDARG);
    check("AddFile to a device is E_INVALIDARG", IBackgroundCopyJob3_AddFile(job, url, L"\\\\.\\C:"), E_INVALIDARG);
    static const wchar_t *const never[] = { L"a*.bin", L"a?.bin", L"a<.bin", L"a>.bin", L"a.bin:stream", L"NUL", L"con.txt" };
    for (unsigned at = 0; at < sizeof never / sizeof *never; at++) {
        wchar_t name[LONGEST];
        swprintf(name, LONGEST, L"%ls\\%ls", folder, never[at]);
        check("AddFile to what can never be a file is E_INVALIDARG", IBackgroundCopyJob3_AddFile(job, url, name), E_INVALIDARG);
    }
    check("AddFile to a folder is E_INVALIDARG", IBackgroundCopyJob3_AddFile(job, url, folder), E_INVALIDARG);
    check("AddFileWithRanges of none is E_INVALIDARG",
          IBackgroundCopyJob3_AddFileWithRanges(job, url, local, 0, ranges), E_INVALIDARG);
    check("AddFileWithRanges of overlapping ones is BG_E_OVERLAPPING_RANGES",
          IBackgroundCopyJob3_AddFileWithRanges(job, url, local, 2, overlapping), BG_E_OVERLAPPING_RANGES);
    check("AddFileWithRanges of an empty one is BG_E_INVALID_RANGE",
          IBackgroundCopyJob3_AddFileWithRanges(job, url, local, 1, empty), BG_E_INVALID_RANGE);
    check("AddFileWithRanges from no offset is BG_E_INVALID_RANGE",
          IBackgroundCopyJob3_AddFileWithRanges(job, url, local, 1, beyond), BG_E_INVALID_RANGE);
    set[0] = (BG_FILE_INFO){ url, local };
    set[1] = (BG_FILE_INFO){ L"bad", second };
    check("AddFileSet with a bad one is E_INVALIDARG", IBackgroundCopyJob3_AddFileSet(job, 2, set), E_INVALIDARG);
    check("EnumFiles", IBackgroundCopyJob3_EnumFiles(job, &files), S_OK);
    check("GetCount", IEnumBackgroundCopyFiles_GetCount(files, &number), S_OK);
    check_true("nothing of what was refused was added", number == 0);
    IEnumBackgroundCopyFiles_Release(files);
    set[1] = (BG_FILE_INFO){ url, second };
    check("AddFileSet", IBackgroundCopyJob3_AddFileSet(job, 2, set), S_OK);
    swprintf(second, LONGEST, L"%ls\\conformance-3.bin", folder);
    check("AddFileWithRanges", IBackgroundCopyJob3_AddFileWithRanges(job, other, second, 2, ranges), S_OK);
    check("EnumFiles", IBackgroundCopyJob3_EnumFiles(job, &files), S_OK);
    check_identity("the list of files", (IUnknown *)files, &IID_IEnumBackgroundCopyFiles, &IID_IUnknown);
    check("Next of four of three is S_FALSE", IEnumBackgroundCopyFiles_Next(files, 4, pair, &number), S_FALSE);
    check_true("gives the three", number == 3 && pair[2] != NULL);
    check_identity("a file", (IUnknown *)pair[2], &IID_IBackgroundCopyFile, &IID_IBackgroundCopyFile2);
    check("Reset", IEnumBackgroundCopyFiles_Reset(files), S_OK);
    check("Skip", IEnumBackgroundCopyFiles_Skip(files, 2), S_OK);
    check("Next", IEnumBackgroundCopyFiles_Next(files, 1, &file, NULL), S_OK);
    check_true("gives the same object for the same file", file == pair[2]);
    for (int at = 0; at < 3; at++) IBackgroundCopyFile_Release(pair[at]);
    check("QueryInterface for IBackgroundCopyFile2",
          IBackgroundCopyFile_QueryInterface(file, &IID_IBackgroundCopyFile2, (void **)&file2), S_OK);
    check("GetRemoteName", IBackgroundCopyFile2_GetRemoteName(file2, &text), S_OK);
    check_true("is what was added", same_text(text, other));
    CoTaskMemFree(text);
    check("GetLocalName", IBackgroundCopyFile2_GetLocalName(file2, &text), S_OK);
    check_true("is what was added", same_text(text, second));
    CoTaskMemFree(text);
    check("GetProgress", IBackgroundCopyFile2_GetProgress(file2, &progress), S_OK);
    check_true("knows no size yet", progress.BytesTotal == BG_SIZE_UNKNOWN && !progress.Completed);
    check("GetFileRanges", IBackgroundCopyFile2_GetFileRanges(file2, &count, &given), S_OK);
    check_true("gives them back", count == 2 && given && given[0].InitialOffset == 10 && given[1].Length == 10);
    CoTaskMemFree(given);
    check("SetRemoteName of no address is E_INVALIDARG", IBackgroundCopyFile2_SetRemoteName(file2, L"nowhere"), E_INVALIDARG);
    wchar_t tolerated[LONGEST];
    swprintf(tolerated, LONGEST, L"cmbits:\\\\%ls//Office\\Data//16.0.1.2\\stream.x64.x-none.dat", content);
    check("SetRemoteName with backslashes and double slashes", IBackgroundCopyFile2_SetRemoteName(file2, tolerated), S_OK);
    swprintf(tolerated, LONGEST, L"cmbits://%ls\\..\\secret", content);
    check("SetRemoteName that leaves the content so is E_INVALIDARG", IBackgroundCopyFile2_SetRemoteName(file2, tolerated),
          E_INVALIDARG);
    check("SetRemoteName", IBackgroundCopyFile2_SetRemoteName(file2, other), S_OK);
    check("ReplaceRemotePrefix that fits none is S_FALSE", IBackgroundCopyJob3_ReplaceRemotePrefix(job, L"x", L"y"), S_FALSE);
    check("ReplaceRemotePrefix with what is no address is E_INVALIDARG",
          IBackgroundCopyJob3_ReplaceRemotePrefix(job, prefix, L"y"), E_INVALIDARG);
    check("ReplaceRemotePrefix", IBackgroundCopyJob3_ReplaceRemotePrefix(job, prefix, prefix), S_OK);
    check("Resume", IBackgroundCopyJob3_Resume(job), S_OK);
    check_true("all is transferred", await_state(base, DONE | FAILED_STATE, 20000) == BG_JOB_STATE_TRANSFERRED);
    check("SetFileACLFlags now is BG_E_INVALID_STATE", IBackgroundCopyJob3_SetFileACLFlags(job, 1), BG_E_INVALID_STATE);
    check("GetProgress", IBackgroundCopyFile2_GetProgress(file2, &progress), S_OK);
    check_true("is the length of the ranges, and not there yet", progress.BytesTotal == 15 && !progress.Completed);
    check_true("no file appeared before Complete", GetFileAttributesW(second) == INVALID_FILE_ATTRIBUTES);
    check("Complete", IBackgroundCopyJob3_Complete(job), S_OK);
    check("GetProgress", IBackgroundCopyFile2_GetProgress(file2, &progress), S_OK);
    check_true("is there now", progress.Completed && GetFileAttributesW(second) != INVALID_FILE_ATTRIBUTES);
    check("a second Complete is BG_E_INVALID_STATE", IBackgroundCopyJob3_Complete(job), BG_E_INVALID_STATE);
    IBackgroundCopyFile2_Release(file2);
    IBackgroundCopyFile_Release(file);
    IEnumBackgroundCopyFiles_Release(files);
    IBackgroundCopyJob3_Release(job);
    IBackgroundCopyJob_Release(base);
}

static void check_errors(IBackgroundCopyManager *manager, const wchar_t *content, const wchar_t *folder)
{
    enum { LONGEST = 512 };
    Callback callback = new_callback(0);
    IBackgroundCopyJob *job = NULL;
    IBackgroundCopyError *error = NULL;
    IBackgroundCopyFile *file = NULL;
    IUnknown *notify = NULL;
    GUID id;
    HRESULT code = S_OK;
    BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
    ULONG number = 0;
    wchar_t url[LONGEST], local[LONGEST];
    WCHAR *text = NULL;
    IBackgroundCopyManager_CreateJob(manager, L"errors", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    check("GetError of a job without one is BG_E_ERROR_INFORMATION_UNAVAILABLE", IBackgroundCopyJob_GetError(job, &error),
          BG_E_ERROR_INFORMATION_UNAVAILABLE);
    swprintf(url, LONGEST, L"cmbits://%ls/Office/Data/missing.dat", content);
    swprintf(local, LONGEST, L"%ls\\conformance-4.bin", folder);
    check("AddFile of what is missing", IBackgroundCopyJob_AddFile(job, url, local), S_OK);
    check("SetNotifyInterface", IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&callback), S_OK);
    check("GetNotifyInterface", IBackgroundCopyJob_GetNotifyInterface(job, &notify), S_OK);
    check_true("is what was set", notify != NULL);
    if (notify) IUnknown_Release(notify);
    check("Resume", IBackgroundCopyJob_Resume(job), S_OK);
    check_true("ends as ERROR", await_state(job, DONE | FAILED_STATE, 20000) == BG_JOB_STATE_ERROR);
    check_true("JobError is called", await_count(&callback.errors, 1));
    check_true("with an error that can be asked", callback.with_error == 1);
    check("GetErrorCount", IBackgroundCopyJob_GetErrorCount(job, &number), S_OK);
    check_true("counts it", number == 1);
    check("GetError", IBackgroundCopyJob_GetError(job, &error), S_OK);
    check_identity("the error", (IUnknown *)error, &IID_IBackgroundCopyError, &IID_IUnknown);
    check("IBackgroundCopyError::GetError", IBackgroundCopyError_GetError(error, &context, &code), S_OK);
    check("is BG_E_FILE_NOT_FOUND", code, BG_E_FILE_NOT_FOUND);
    check_true("of the remote file", context == BG_ERROR_CONTEXT_REMOTE_FILE);
    check("GetFile", IBackgroundCopyError_GetFile(error, &file), S_OK);
    check("GetRemoteName", IBackgroundCopyFile_GetRemoteName(file, &text), S_OK);
    check_true("is the file that failed", same_text(text, url));
    CoTaskMemFree(text);
    text = NULL;
    check("GetErrorDescription", IBackgroundCopyError_GetErrorDescription(error, 0x409, &text), S_OK);
    check_true("names the file", text && wcsstr(text, L"missing.dat"));
    CoTaskMemFree(text);
    text = NULL;
    check("GetErrorContextDescription", IBackgroundCopyError_GetErrorContextDescription(error, 0x409, &text), S_OK);
    check_true("names the remote file", text && wcsstr(text, L"remote file"));
    CoTaskMemFree(text);
    text = NULL;
    check("GetProtocol", IBackgroundCopyError_GetProtocol(error, &text), S_OK);
    check_true("is that of the URL", same_text(text, L"cmbits"));
    CoTaskMemFree(text);
    IBackgroundCopyFile_Release(file);
    IBackgroundCopyError_Release(error);
    check("Complete keeps what there is and says so", IBackgroundCopyJob_Complete(job), BG_S_PARTIAL_COMPLETE);
    IBackgroundCopyJob_Release(job);

    swprintf(url, LONGEST, L"cmbits://%ls/Office/Data/16.0.1.2/corrupt.dat", content);
    IBackgroundCopyManager_CreateJob(manager, L"corrupt", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    check("AddFile of what is corrupt", IBackgroundCopyJob_AddFile(job, url, local), S_OK);
    IBackgroundCopyJob_Resume(job);
    check_true("ends as ERROR", await_state(job, DONE | FAILED_STATE, 20000) == BG_JOB_STATE_ERROR);
    error = NULL;
    IBackgroundCopyJob_GetError(job, &error);
    IBackgroundCopyError_GetError(error, &context, &code);
    check("is BG_E_VALIDATION_FAILED", code, (HRESULT)0x80200053);
    IBackgroundCopyError_Release(error);
    check("Complete gives none of it", IBackgroundCopyJob_Complete(job), BG_S_PARTIAL_COMPLETE);
    check_true("no corrupt file appeared", GetFileAttributesW(local) == INVALID_FILE_ATTRIBUTES);
    IBackgroundCopyJob_Release(job);

    swprintf(url, LONGEST, L"cmbits://%ls/Office/Data/v64.cab", content);
    swprintf(local, LONGEST, L"%ls\\no such folder\\conformance-5.bin", folder);
    IBackgroundCopyManager_CreateJob(manager, L"no folder", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    check("AddFile to a missing folder", IBackgroundCopyJob_AddFile(job, url, local), S_OK);
    IBackgroundCopyJob_Resume(job);
    check_true("ends as ERROR", await_state(job, DONE | FAILED_STATE, 20000) == BG_JOB_STATE_ERROR);
    error = NULL;
    IBackgroundCopyJob_GetError(job, &error);
    IBackgroundCopyError_GetError(error, &context, &code);
    check("is ERROR_PATH_NOT_FOUND", code, HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    check_true("of the local file", context == BG_ERROR_CONTEXT_LOCAL_FILE);
    IBackgroundCopyError_Release(error);
    IBackgroundCopyJob_Cancel(job);
    IBackgroundCopyJob_Release(job);

    swprintf(local, LONGEST, L"%ls\\conformance-4.bin", folder);
    swprintf(url, LONGEST, L"CMBITS://%ls/office/DATA/V64.CAB", content);
    IBackgroundCopyManager_CreateJob(manager, L"told", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&callback);
    IBackgroundCopyJob_AddFile(job, url, local);
    check("Resume", IBackgroundCopyJob_Resume(job), S_OK);
    check_true("JobTransferred is called, with the job", await_count(&callback.transferred, 1));
    check("Complete inside of other cases", IBackgroundCopyJob_Complete(job), S_OK);
    IBackgroundCopyJob_Release(job);
    check_true("the callback is released when the jobs have ended", await_references(&callback, 1));
}

static void check_notifications(IBackgroundCopyManager *manager, const wchar_t *content, const wchar_t *folder)
{
    enum { LONGEST = 512 };
    Callback callback = new_callback(0);
    IBackgroundCopyJob *job = NULL;
    GUID id;
    wchar_t url[LONGEST], local[LONGEST];
    swprintf(url, LONGEST, L"cmbits://%ls/Office/Data/v64.cab", content);
    swprintf(local, LONGEST, L"%ls\\conformance-6.bin", folder);
    IBackgroundCopyManager_CreateJob(manager, L"modified", BG_JOB_TYPE_DOWNLOAD, &id, &job);
    check("SetNotifyFlags of modification and files",
          IBackgroundCopyJob_SetNotifyFlags(job, BG_NOTIFY_JOB_MODIFICATION | BG_NOTIFY_FILE_TRANSFERRED), S_OK);
    check("SetNotifyInterface", IBackgroundCopyJob_SetNotifyInterface(job, (IUnknown *)&callback), S_OK);
    check_true("JobModification is called for the interface itself", await_count(&callback.modified, 1));
    Sleep(300);
    LONG before = InterlockedExchangeAdd(&callback.modified, 0);
    check("SetPriority", IBackgroundCopyJob_SetPriority(job, BG_JOB_PRIORITY_HIGH), S_OK);
    check_true("JobModification is called for a property", await_count(&callback.modified, before + 1));
    Sleep(300);
    before = InterlockedExchangeAdd(&callback.modified, 0);
    check("AddFile", IBackgroundCopyJob_AddFile(job, url, local), S_OK);
    check_true("JobModification is called for a new file", await_count(&callback.modified, before + 1));
    Sleep(300);
    before = InterlockedExchangeAdd(&callback.modified, 0);
    check("Resume", IBackgroundCopyJob_Resume(job), S_OK);
    check_true("FileTransferred is called, with the file", await_count(&callback.files, 1));
    check_true("JobModification is called for the transfer", await_count(&callback.modified, before + 1));
    check_true("is TRANSFERRED", await_state(job, DONE | FAILED_STATE, 20000) == BG_JOB_STATE_TRANSFERRED);
    check("Complete", IBackgroundCopyJob_Complete(job), S_OK);
    check_true("JobTransferred is not called unasked", callback.transferred == 0);
    IBackgroundCopyJob_Release(job);
    check_true("the callback is released when the job has ended", await_references(&callback, 1));
}

int conformance(const wchar_t *clsid, const wchar_t *content, const wchar_t *folder)
{
    IBackgroundCopyManager *manager = NULL;
    check("CoCreateInstance", open_manager(clsid, &manager), S_OK);
    if (!manager) return 1;
    check_manager(manager);
    check_settings(manager);
    check_files(manager, content, folder);
    check_errors(manager, content, folder);
    check_notifications(manager, content, folder);
    check_true("the server holds no more", IBackgroundCopyManager_Release(manager) == 0);
    printf("failures %d\n", failures);
    return failures != 0;
}
