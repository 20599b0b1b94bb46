/* fields_overview.h - fields of the page that one comes home to. */

#ifndef OPENCICD_FIELDS_OVERVIEW_H
#define OPENCICD_FIELDS_OVERVIEW_H

#include "proto/limits.h"

#define OVERVIEW_RUNS 50 // Of each list
#define OVERVIEW_MINE 10
#define FAILING_DAYS  30 // That a failure is called one of now

#define OVERVIEW_SHOW(F, T) NO_FIELDS (F, T)
#define OVERVIEW(F, T)                                                                                   \
    F (T, ROWS (run), failing, OVERVIEW_RUNS,                                                            \
       "of each project's default branch the workflows that fail: their last run that passed or failed " \
       "did not pass, and is at most 30 days old. The latest first")                                     \
    F (T, ROWS (run), running, OVERVIEW_RUNS, "that have not ended, the latest first")                   \
    F (T, ROWS (run), mine, OVERVIEW_MINE, "what the caller started last, or who the token is of")       \
    F (T, ROWS (run), latest, OVERVIEW_MINE, "of all, the latest first")                                 \
    F (T, BOOL, more_running, 1, "there are more that have not ended")

// Rows of MESSAGES (messages.h).
#define OVERVIEW_MESSAGES(M)                                                               \
    M (64, overview_show, OVERVIEW_SHOW, "what fails, what runs, what one's own runs did") \
    M (65, overview, OVERVIEW, "what fails now, what runs, what one started last")

#define OVERVIEW_CALLS(C) C (overview_show, scheduler, overview, AGAIN)

#endif
