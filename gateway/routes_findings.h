/* routes_findings.h - the rows of routes.h about what a run found: what its steps say of the code, and why it failed (docs/failures.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_FINDINGS_H
#define OPENCICD_GATEWAY_ROUTES_FINDINGS_H

#define FINDING_ROUTES(R)                                                               \
    R (GET, "/runs/{run}/annotations", run_annotations, MAY_READ, 0, 200, api_call,     \
       "errors, warnings and notices of its steps, as they now stand")                  \
    R (GET, "/runs/{run}/failure", run_failure, MAY_READ, 0, 200, api_show,             \
       "why it failed, since when, and where else; nothing in it where nothing failed") \
    R (GET, "/runs/{run}/tests", run_tests, MAY_READ, 0, 200, api_show,                 \
       "its tests, as its jobs reported them: new failures first")                      \
    R (POST, "/jobs/{job}/tests", test_report_put, MAY_JOB, 1024 * KIB, 200, api_call,  \
       "what a test report of a step says")

#endif
