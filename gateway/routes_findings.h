/* routes_findings.h - the rows of routes.h about what a run found: what its steps say of the code, and why it failed (docs/failures.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_FINDINGS_H
#define OPENCICD_GATEWAY_ROUTES_FINDINGS_H

#define FINDING_ROUTES(R)                                                           \
    R (GET, "/runs/{run}/annotations", run_annotations, MAY_VIEW, 0, 200, api_call, \
       "errors, warnings and notices of its steps, as they now stand")              \
    R (GET, "/runs/{run}/failure", run_failure, MAY_VIEW, 0, 200, api_show,         \
       "why it failed, since when, and where else; nothing in it where nothing failed")

#endif
