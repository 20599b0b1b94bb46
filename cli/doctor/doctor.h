/* doctor.h - `opencicd doctor`: what each check is given, and how it says what it found.
 *
 * A check is a row of the table in doctor.c and a function of one of the other files. It changes nothing but for one small blob, which it
 * removes, and says for whatever is wrong what to do about it. It sees what the program on this machine with these settings would see. */

#ifndef OPENCICD_CLI_DOCTOR_DOCTOR_H
#define OPENCICD_CLI_DOCTOR_DOCTOR_H

#include "cli/command/command.h"
#include "common/db/db.h"

typedef enum {
    FINDING_OK,
    FINDING_PASSED, // There is nothing to check, or not yet
    FINDING_WARNING,
    FINDING_ERROR
} doctor_finding_t;

#define DOCTOR_FINDINGS 64

typedef struct {
    doctor_finding_t finding;
    const char *check;  // "database"
    const char *text;   // What was found
    const char *advice; // What to do about it; "" for nothing
} doctor_row_t;

typedef struct {
    cli_t *cli;
    const settings_t *settings;
    turn_t *turn;
    const char *check; // The one that runs
    doctor_row_t rows[DOCTOR_FINDINGS];
    size_t count;
} doctor_t;

// Records a finding of the check that runs. `advice` may be "".
void doctor_find (doctor_t *self, doctor_finding_t finding, const char *advice, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));

// ---- doctor_files.c ----
void check_folder (doctor_t *self);
void check_key (doctor_t *self);
void check_blobs (doctor_t *self);
// ---- doctor_database.c ----
void check_database (doctor_t *self);
void check_replicas (doctor_t *self);
// ---- doctor_server.c ----
void check_clock (doctor_t *self);
void check_server (doctor_t *self);
void check_agents (doctor_t *self);

// The database of this part, as it is; NULL where it cannot be opened, which is recorded, or is not there yet.
db_t *doctor_open (doctor_t *self, const char *part);

#endif
