/* calls.h - system calls that a job may not make, though no capability guards them. */

#ifndef OPENCICD_AGENT_SANDBOX_CALLS_H
#define OPENCICD_AGENT_SANDBOX_CALLS_H

// For this process and all that it starts, for good. 0, or an errno. It wants CAP_SYS_ADMIN, or that "no new privileges" is set.
int calls_filter (void);

#endif
