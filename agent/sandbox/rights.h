/* rights.h - what the processes of a sandbox may do. */

#ifndef OPENCICD_AGENT_SANDBOX_RIGHTS_H
#define OPENCICD_AGENT_SANDBOX_RIGHTS_H

// For this process and all that it starts, for good. 0, or an errno.
int rights_give_up (void);

#endif
