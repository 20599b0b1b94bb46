/* run_artifacts.h - all artifacts of a run at once, for clients that do not page by cursor. */

#ifndef OPENCICD_GATEWAY_RUN_ARTIFACTS_H
#define OPENCICD_GATEWAY_RUN_ARTIFACTS_H

#include "gateway/request.h"

#define RUN_ARTIFACTS_MAX 10000 // Of one answer; TOO_LARGE past it

// In the turn's arena, the oldest first. `name` "" and `number` 0 for all.
MUST_USE fault_t run_artifacts (request_t *request, const char *run, const char *name, int64_t number,
                                artifact_items_t *out);

#endif
