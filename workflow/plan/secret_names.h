/* secret_names.h - which secrets does a job name? It is given those and no others. Pure. */

#ifndef OPENCICD_WORKFLOW_SECRET_NAMES_H
#define OPENCICD_WORKFLOW_SECRET_NAMES_H

#include "workflow/expression/expression.h"

#define SECRET_NAMES 300 // Past it the job gets all that it may have

typedef struct {
    const char **names; // As they are written, each once whatever its case
    size_t count;
    bool all; // toJSON (secrets), secrets[github.ref]: which ones, only evaluation tells
} secret_names_t;

// Of a job's definition (plan_definition). One that cannot be read names none: its agent refuses it.
void secret_names (arena_t *arena, const char *definition, secret_names_t *out);
// Can it name any? Says no without reading it, which most jobs are spared.
bool secret_names_any (const char *definition);

#endif
