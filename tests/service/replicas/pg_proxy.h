/* pg_proxy.h - what stands between programs and PostgreSQL, so that a program meets its end at a chosen moment of its units of work.
 *
 * A link is a port of its own for one program. The moments are read from what both say: no byte is delayed or changed until the moment
 * has come. */

#ifndef OPENCICD_TEST_PG_PROXY_H
#define OPENCICD_TEST_PG_PROXY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PG_LINKS 8 // At most

typedef struct pg_proxy pg_proxy_t;

typedef enum {
    WITHIN_A_UNIT,   // A transaction has begun and holds its locks; its commit was not asked for
    BEFORE_A_COMMIT, // The program has asked for it, and what it said never comes to the database
    AFTER_A_COMMIT,  // The database has committed; the program has not heard of it
} moment_t;

// What happens then: the process gets SIGKILL or SIGSTOP. 0: it loses its connection, and with it what the database said.
typedef struct {
    int link;
    moment_t moment;
    int signal;
    unsigned skip;   // Units of work that are let pass
    bool at_trigger; // It is armed as a run is triggered, not before
    bool for_good;   // Whoever is killed is not started again
} harm_t;

pg_proxy_t *pg_proxy_new (const char *host, uint16_t port, int links); // Of the server; an address in numbers
void pg_proxy_destroy (pg_proxy_t **self_p);
uint16_t pg_proxy_port (const pg_proxy_t *self, int link);
void pg_proxy_arm (pg_proxy_t *self, const harm_t *harm, pid_t pid);
bool pg_proxy_done (pg_proxy_t *self); // What was armed last has happened

#endif
