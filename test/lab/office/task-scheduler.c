/* A Task Scheduler for Wine, whose own runs no task: the interfaces of taskschd.h as far as c2r/detect needs them, with the
 * vtables of that header, so that a wrong slot is a call of NULL. C2R_LAB_TASK says what the update task of Office is: "ready",
 * "disabled", "missing" or "denied". A task that is run is seen running twice, and then has looked for updates. */
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <taskschd.h>

static char mode[64];
static LONG looks; /* left, at which the task is seen to run */

static BOOL is(const char *wanted) { return !strcmp(mode, wanted); }

static HRESULT STDMETHODCALLTYPE query(void *self, REFIID iid, void **out) {
  (void)iid;
  *out = self;
  return S_OK;
}
static ULONG STDMETHODCALLTYPE one(void *self) { (void)self; return 1; }
#define BASE .QueryInterface = (void *)query, .AddRef = (void *)one, .Release = (void *)one

static HRESULT STDMETHODCALLTYPE get_State(IRegisteredTask *self, TASK_STATE *out) {
  (void)self;
  *out = looks > 0 && looks-- ? TASK_STATE_RUNNING : TASK_STATE_READY;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE get_Enabled(IRegisteredTask *self, VARIANT_BOOL *out) {
  (void)self;
  *out = is("disabled") ? VARIANT_FALSE : VARIANT_TRUE;
  return S_OK;
}
static IUnknown nothing;
static HRESULT STDMETHODCALLTYPE Run(IRegisteredTask *self, VARIANT params, IRunningTask **out) {
  static const WCHAR at[] = L"13424659200000"; /* 2026-05-31T00:00:00Z in milliseconds since 1601 */
  (void)self;
  if (V_VT(&params) != VT_EMPTY) return E_INVALIDARG;
  if (is("denied")) return E_ACCESSDENIED;
  *out = (IRunningTask *)&nothing;
  looks = 2;
  return HRESULT_FROM_WIN32(RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates",
                                            L"UpdateDetectionLastRunTime", REG_SZ, at, sizeof at));
}
static IRegisteredTaskVtbl taskTable = { BASE, .get_State = get_State, .get_Enabled = get_Enabled, .Run = Run };
static IRegisteredTask task = { &taskTable };
static IUnknownVtbl nothingTable = { BASE };
static IUnknown nothing = { &nothingTable };

static HRESULT STDMETHODCALLTYPE GetTask(ITaskFolder *self, BSTR path, IRegisteredTask **out) {
  (void)self;
  if (is("missing") || wcscmp(path, L"Office Automatic Updates 2.0")) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
  *out = &task;
  return S_OK;
}
static ITaskFolderVtbl folderTable = { BASE, .GetTask = GetTask };
static ITaskFolder folder = { &folderTable };

static HRESULT STDMETHODCALLTYPE GetFolder(ITaskService *self, BSTR path, ITaskFolder **out) {
  (void)self;
  if (SysStringLen(path) != 17 || wcscmp(path, L"\\Microsoft\\Office")) return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
  *out = &folder;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE Connect(ITaskService *self, VARIANT server, VARIANT user, VARIANT domain, VARIANT password) {
  (void)self;
  BOOL absent = V_VT(&server) == VT_EMPTY && V_VT(&user) == VT_EMPTY && V_VT(&domain) == VT_EMPTY;
  return absent && V_VT(&password) == VT_EMPTY ? S_OK : E_INVALIDARG;
}
static ITaskServiceVtbl serviceTable = { BASE, .GetFolder = GetFolder, .Connect = Connect };
static ITaskService service = { &serviceTable };

static HRESULT STDMETHODCALLTYPE create(IClassFactory *self, IUnknown *outer, REFIID iid, void **out) {
  (void)self;
  if (outer || !IsEqualIID(iid, &IID_ITaskService)) return E_NOINTERFACE;
  *out = &service;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE lock(IClassFactory *self, BOOL locked) { (void)self; (void)locked; return S_OK; }
static IClassFactoryVtbl factoryTable = { BASE, create, lock };
static IClassFactory factory = { &factoryTable };

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out) {
  if (!IsEqualCLSID(clsid, &CLSID_TaskScheduler)) return CLASS_E_CLASSNOTAVAILABLE;
  GetEnvironmentVariableA("C2R_LAB_TASK", mode, sizeof mode);
  return query(&factory, iid, out);
}
__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void) { return S_FALSE; }
