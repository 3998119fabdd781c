/*
 * What the bridge is measured against: the same Status calls from C, each with an object of its own.
 *   status-client.exe CALLS     prints as JSON the median and the 99th percentile of a call, in microseconds
 */
#define COBJMACROS
#define INITGUID
#include <stdio.h>
#include <stdlib.h>
#include <ole2.h>

static const CLSID class_newer = { 0x52C2F9C2, 0xF1AC, 0x4021, { 0xBF, 0x50, 0x75, 0x6A, 0x5F, 0xA8, 0xDD, 0xFE } };
/* As office-c2r-com.idl has it, and the method's slot. */
static const IID iid_newer = { 0x7E1C0B55, 0x6A5D, 0x4C0B, { 0x9C, 0x1E, 0x0F, 0x4B, 0x7B, 0x0A, 0x11, 0xC2 } };
enum { STATUS = 3 };

typedef struct {
    int status;
    UINT error;
    BSTR contentid;
} Report;

typedef HRESULT(STDMETHODCALLTYPE *StatusMethod)(IUnknown *self, Report *report);

static HRESULT ask(void)
{
    IUnknown *object;
    Report report = { 0 };
    HRESULT result = CoCreateInstance(&class_newer, NULL, CLSCTX_ALL, &iid_newer, (void **)&object);
    if (FAILED(result)) return result;
    result = ((StatusMethod *)object->lpVtbl)[STATUS](object, &report);
    SysFreeString(report.contentid);
    IUnknown_Release(object);
    return result;
}

static int ascending(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv)
{
    int calls = argc > 1 ? atoi(argv[1]) : 0;
    if (calls < 1) return 2;
    double *took = malloc(calls * sizeof *took);
    LARGE_INTEGER frequency, before, after;
    QueryPerformanceFrequency(&frequency);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* The first call loads or starts the server. */
    for (int call = -1; call < calls; call++) {
        QueryPerformanceCounter(&before);
        HRESULT result = ask();
        QueryPerformanceCounter(&after);
        if (FAILED(result)) {
            fprintf(stderr, "call %d ended with 0x%08lX\n", call, result);
            return 1;
        }
        if (call >= 0) took[call] = (after.QuadPart - before.QuadPart) * 1e6 / frequency.QuadPart;
    }
    qsort(took, calls, sizeof *took, ascending);
    printf("{ \"p50\": %.2f, \"p99\": %.2f }\n", took[calls / 2], took[calls * 99 / 100]);
    CoUninitialize();
    return 0;
}
