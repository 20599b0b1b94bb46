/* scm.h - the service that reads repositories: workflow files at a commit, and what a commit is.
 *
 * A repository that is a folder of this machine is read where it is; any other is mirrored below `folder` first and fetched
 * anew at each question, unless the question names a commit that is there already. It writes to no repository.
 *
 *     scm_t *scm = scm_new (&(scm_options_t){.folder = "/var/lib/opencicd/scm"});
 *     actor_t *actor = actor_new (&scm_class, scm, bus, NULL);
 *     ...
 *     actor_destroy (&actor);
 *     scm_destroy (&scm); */

#ifndef OPENCICD_SCM_H
#define OPENCICD_SCM_H

#include "common/actor.h"

typedef struct {
    const char *folder; // Of mirrors; made where it does not exist; copied
} scm_options_t;

typedef struct scm scm_t;

scm_t *scm_new (const scm_options_t *options);
void scm_destroy (scm_t **self_p); // After its actor

extern const actor_class_t scm_class;

#endif
