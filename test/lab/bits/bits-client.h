/* What the clients of the lab share: activation, deadlines, and how long the slowest call took. */
#ifndef BITS_CLIENT_H
#define BITS_CLIENT_H
#define COBJMACROS
#define CONST_VTABLE
#include <windows.h>
#include <bits.h>
#include <bits1_5.h>
#include <bits2_0.h>
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

int conformance(const wchar_t *clsid, const wchar_t *content, const wchar_t *folder);
#endif
