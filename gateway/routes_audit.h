/* routes_audit.h - the record of what people did, and how long that and all else is kept. Read with routes.h. There is no route that adds, changes or removes an entry. */

#ifndef OPENCICD_GATEWAY_ROUTES_AUDIT_H
#define OPENCICD_GATEWAY_ROUTES_AUDIT_H

#define AUDIT_HANDLERS(H)                          \
    H (audit_lines, NULL, LINES_TYPE, "follow", 0) \
    H (retention_rows, NULL, JSON_TYPE, NULL, 0)

#define AUDIT_ROUTES(R)                                                                            \
    R (GET, "/audit", audit_list, MAY_ADMIN, 0, 200, api_call, "what people did, latest first")    \
    R (GET, "/audit/lines", audit_read, MAY_ADMIN, 0, 200, audit_lines,                            \
       "the same as lines of JSON, oldest first; with `follow=true` it goes on as people do more") \
    R (GET, "/settings/retention", retention_of_runs, MAY_VIEW, 0, 200, retention_rows,            \
       "how long the server keeps runs, logs, artifacts, caches, events and the audit")

#endif
