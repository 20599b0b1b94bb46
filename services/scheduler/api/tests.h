/* tests.h - what the test reports of a run say together, for its page and its digest. */

#ifndef OPENCICD_SCHEDULER_TESTS_H
#define OPENCICD_SCHEDULER_TESTS_H

#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/unit/self.h"

#define TESTS_LOOKED 50 // Of one answer, at most

// Failed tests of at most `most` are held against `history`; new ones come first.
MUST_USE fault_t tests_of_run (scheduler_t *self, turn_t *turn, const run_t *run,
                               const branch_history_t *history, size_t most, test_results_t *out);

#endif
