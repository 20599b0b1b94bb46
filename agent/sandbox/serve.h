/* serve.h - the first process of a sandbox at work: starts processes, keeps those that have ended until they are released, reaps orphans. */

#ifndef OPENCICD_AGENT_SANDBOX_SERVE_H
#define OPENCICD_AGENT_SANDBOX_SERVE_H

// Every process but this one, of its namespace where it is the first there, else of those that descend from it.
void serve_kill_all (void);
// Returns when the other side has closed its end.
void serve (int socket);

#endif
