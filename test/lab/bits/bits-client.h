/* What the clients of the lab share: activation, deadlines, and how long the slowest call took. */
#ifndef BITS_CLIENT_H
#define BITS_CLIENT_H
#define COBJMACROS
#define CONST_VTABLE
#include <windows.h>
#include <bits.h>
#include <bits1_5.h>
#include <bits2_0.h>
#include <bits2_5.h>
#include <bits3_0.h>
#include <bitsmsg.h>

/* The milliseconds that the slowest timed call took since the program began. */
extern double slowest_ms;
double now_ms(void);
double note_ms(double started);

/* Runs a call and takes its time. */
#define TIMED(result, call)           \
    do {                              \
        double started_ = now_ms();   \
        (result) = (call);            \
        note_ms(started_);            \
    } while (0)

HRESULT open_manager(const wchar_t *clsid, IBackgroundCopyManager **manager);
/* Asks for the state until it is one of `wanted`, a mask of 1 << BG_JOB_STATE, or ten seconds have passed. */
BG_JOB_STATE await_state(IBackgroundCopyJob *job, unsigned wanted, DWORD timeout_ms);

#define DONE (1u << BG_JOB_STATE_TRANSFERRED)
#define FAILED_STATE (1u << BG_JOB_STATE_ERROR)

/* A callback object that counts how often it was called, and takes its time where it says that a job is transferred. */
typedef struct {
    IBackgroundCopyCallback2Vtbl *methods;
    DWORD takes_ms;
    LONG references, entered, transferred, errors, with_error, modified, files;
} Callback;
Callback new_callback(DWORD takes_ms);
/* Whether a count or the references of a callback become what is wanted within ten seconds. */
BOOL await_count(LONG *counter, LONG wanted);
BOOL await_references(Callback *callback, LONG wanted);

int conformance(const wchar_t *clsid, const wchar_t *content, const wchar_t *folder);
#endif
