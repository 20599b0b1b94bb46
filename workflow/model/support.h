/* support.h - the features of the language that this server does not run yet, declared once: lint reports them before a run, and the agent's engine
 * refuses with the same words.
 *
 * To enable a feature, set its row to true; both follow. */

#ifndef OPENCICD_WORKFLOW_SUPPORT_H
#define OPENCICD_WORKFLOW_SUPPORT_H

#include <stdbool.h>

//     name          runs   what is said of it
#define FEATURES(F)                                                   \
    F (SNAPSHOT, false, "`snapshot` of the machine is not supported") \
    F (OTHER_SYSTEM, false, "agents run on Linux only")

#define FEATURE_ENUM(name, runs, text) FEATURE_##name,
typedef enum { FEATURES (FEATURE_ENUM) FEATURE_COUNT } feature_t;
#undef FEATURE_ENUM

const char *feature_refusal (feature_t feature); // NULL where it runs

#endif
