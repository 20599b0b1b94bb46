/* routes_workflow.h - the rows of routes.h about workflow files (docs/lint.md, docs/http.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_WORKFLOW_H
#define OPENCICD_GATEWAY_ROUTES_WORKFLOW_H

#define WORKFLOW_ROUTES(R)                                                                         \
    R (GET, "/projects/{project}/workflows", workflow_list, MAY_VIEW, 0, 200, api_call,            \
       "the workflow files of a project at a commit, and the inputs of those that can be "         \
       "triggered by hand")                                                                        \
    R (POST, "/lint", lint_check, MAY_SIGN_IN | UNAUDITED, 2 * LINT_MOST + 8 * KIB, 200, api_call, \
       "what `opencicd lint` finds in a workflow file, and the jobs that it has")

#endif
