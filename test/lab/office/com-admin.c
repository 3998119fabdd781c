/* A COM+ catalogue for Wine, which has none: the interfaces of comadmin.h as far as a reader needs them, with the vtables of
 * that header, so that a wrong slot is a call of NULL. C2R_LAB_COMPLUS says what it holds: nothing, or the application of
 * Office ("inOrder", "otherIdentity", "componentMissing"), always behind another one. */
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <comadmin.h>
#include <stdio.h>

#define APPLICATION L"{F6B836D9-AF6A-4D05-9A19-E906A0F34770}"

static LONG living;
static char mode[64];

typedef struct {
  IUnknown iface; /* whatever its vtable is: all begin alike */
  LONG references;
  const GUID *iid;
  const WCHAR *name; /* of a collection; the key of an object */
} Object;

static Object *make(const void *vtable, const GUID *iid, const WCHAR *name) {
  Object *object = calloc(1, sizeof *object);
  object->iface.lpVtbl = (void *)vtable;
  object->references = 1;
  object->iid = iid;
  object->name = name;
  InterlockedIncrement(&living);
  return object;
}

static HRESULT STDMETHODCALLTYPE query(void *self, REFIID iid, void **out) {
  Object *object = self;
  *out = NULL;
  if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) && !IsEqualIID(iid, object->iid)) return E_NOINTERFACE;
  InterlockedIncrement(&object->references);
  *out = object;
  return S_OK;
}
static ULONG STDMETHODCALLTYPE add(void *self) { return InterlockedIncrement(&((Object *)self)->references); }
static ULONG STDMETHODCALLTYPE release(void *self) {
  ULONG left = InterlockedDecrement(&((Object *)self)->references);
  if (left == 0) {
    free(self);
    InterlockedDecrement(&living);
  }
  return left;
}

static HRESULT text(VARIANT *out, const WCHAR *value) {
  VariantInit(out);
  V_VT(out) = VT_BSTR;
  V_BSTR(out) = SysAllocString(value);
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE get_Key(ICatalogObject *self, VARIANT *out) { return text(out, ((Object *)self)->name); }
static HRESULT STDMETHODCALLTYPE get_Value(ICatalogObject *self, BSTR name, VARIANT *out) {
  (void)self;
  if (SysStringLen(name) != 8 || wcscmp(name, L"Identity")) return COMADMIN_E_OBJECTERRORS;
  return text(out, strcmp(mode, "otherIdentity") ? L"nt authority\\localservice" : L"Interactive User");
}
static const ICatalogObjectVtbl objectTable = {
  .QueryInterface = (void *)query, .AddRef = (void *)add, .Release = (void *)release,
  .get_Value = get_Value, .get_Key = get_Key,
};

static const WCHAR *const applications[] = { L"{02D4B3F1-FD88-11D1-960D-00805FC79235}", APPLICATION };
static const WCHAR *const components[] = { L"{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}", L"{b7f1785f-d69b-46f1-92fc-d2de9c994f13}" };

static HRESULT STDMETHODCALLTYPE get_Count(ICatalogCollection *self, LONG *out) {
  BOOL isApplications = !wcscmp(((Object *)self)->name, L"Applications");
  *out = 2 - !strcmp(mode, isApplications ? "missing" : "componentMissing");
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE get_Item(ICatalogCollection *self, LONG index, IDispatch **out) {
  BOOL isApplications = !wcscmp(((Object *)self)->name, L"Applications");
  *out = (IDispatch *)make(&objectTable, &IID_ICatalogObject, (isApplications ? applications : components)[index]);
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE Populate(ICatalogCollection *self) {
  (void)self;
  return strcmp(mode, "refused") ? S_OK : E_ACCESSDENIED;
}
static HRESULT STDMETHODCALLTYPE inner(ICatalogCollection *self, BSTR name, VARIANT key, IDispatch **out);
static const ICatalogCollectionVtbl collectionTable = {
  .QueryInterface = (void *)query, .AddRef = (void *)add, .Release = (void *)release,
  .get_Item = get_Item, .get_Count = get_Count, .Populate = Populate, .GetCollection = inner,
};
static HRESULT STDMETHODCALLTYPE inner(ICatalogCollection *self, BSTR name, VARIANT key, IDispatch **out) {
  (void)self;
  if (wcscmp(name, L"Components") || V_VT(&key) != VT_BSTR || wcscmp(V_BSTR(&key), APPLICATION)) return E_INVALIDARG;
  *out = (IDispatch *)make(&collectionTable, &IID_ICatalogCollection, L"Components");
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE outer(ICOMAdminCatalog *self, BSTR name, IDispatch **out) {
  (void)self;
  if (wcscmp(name, L"Applications")) return E_INVALIDARG;
  *out = (IDispatch *)make(&collectionTable, &IID_ICatalogCollection, L"Applications");
  return S_OK;
}
static const ICOMAdminCatalogVtbl catalogTable = {
  .QueryInterface = (void *)query, .AddRef = (void *)add, .Release = (void *)release, .GetCollection = outer,
};

static HRESULT STDMETHODCALLTYPE create(IClassFactory *self, IUnknown *outerObject, REFIID iid, void **out) {
  (void)self;
  if (outerObject) return CLASS_E_NOAGGREGATION;
  Object *catalog = make(&catalogTable, &IID_ICOMAdminCatalog, L"");
  HRESULT result = query(catalog, iid, out);
  release(catalog);
  return result;
}
static HRESULT STDMETHODCALLTYPE lock(IClassFactory *self, BOOL locked) { (void)self; (void)locked; return S_OK; }
static HRESULT STDMETHODCALLTYPE queryFactory(IClassFactory *self, REFIID iid, void **out) {
  (void)iid;
  *out = self;
  return S_OK;
}
static ULONG STDMETHODCALLTYPE one(IClassFactory *self) { (void)self; return 1; }
static IClassFactoryVtbl factoryTable = { queryFactory, one, one, create, lock };
static IClassFactory factory = { &factoryTable };

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out) {
  if (!IsEqualCLSID(clsid, &CLSID_COMAdminCatalog)) return CLASS_E_CLASSNOTAVAILABLE;
  GetEnvironmentVariableA("C2R_LAB_COMPLUS", mode, sizeof mode);
  return queryFactory(&factory, iid, out);
}
/* How many objects live, for a test: a reader must have given back all of them. */
__declspec(dllexport) LONG C2RLabLiving(void) { return living; }
__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void) { return S_FALSE; }
