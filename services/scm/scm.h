/* scm.h - the service that reads repositories: workflow files at a commit, and what a commit is; and that speaks with forges (forges/, hooks/).
 *
 * A repository that is a folder of this machine is read where it is, as files and objects, no git runs in it; any other is mirrored
 * below `folder` first and fetched anew at each request, unless that names a commit that is there already. It writes to no
 * repository. The actor's thread never waits for a disk, a resolver or a git: threads do (work.h), with a bound on how many one host
 * may hold, so that a host that does not answer delays nobody else.
 *
 *     scm_t *scm = scm_new (&(scm_options_t){.folder = "/var/lib/opencicd/scm", .folders = "", .git_config = ""});
 *     actor_t *actor = actor_new (&scm_class, scm, bus, NULL);
 *     ...
 *     actor_destroy (&actor);
 *     scm_destroy (&scm); */

#ifndef OPENCICD_SCM_H
#define OPENCICD_SCM_H

#include "common/actor/actor.h"
#include "common/base/job_token.h"
#include "common/blob/blob.h"
#include "common/db/db.h"
#include "services/scm/address.h"

#define SCM_CLONE_US    SECONDS (3600) // A clone that takes longer is aborted
#define SCM_UPDATE_US   SECONDS (600)  // Likewise a fetch into a mirror that is there
#define SCM_SILENCE_US  SECONDS (60)   // And either without output for this long
#define SCM_FETCHERS    16             // Threads that wait for networks
#define SCM_OF_A_HOST   2              // At most this many of them for one host
#define SCM_READERS     8              // Threads that read from disks
#define SCM_OF_A_FOLDER 2              // At most this many of them for one repository
#define SCM_BUNDLERS    2              // Threads that put and read bundles of trials

typedef struct {
    const char *folder;  // Of mirrors; made where it does not exist; copied, as the other texts
    const char *folders; // Below which anybody's repositories may lie: "/srv/git:/srv/more"
    private_networks_t private_networks; // Who may have repositories there
    const char *git_config;              // What git reads when it fetches; "" for none
    const char *sources; // Where called workflows come from, as git_source.h says; "" for nowhere
    blob_t *blob;        // Of bundles; borrowed; NULL: it keeps none
    db_t *db; // Of forges; borrowed, for its actor alone, migrated ("scm"); NULL: it knows no forge
    const secret_key_t *key;                 // What seals credentials is derived from it; with db
    const char *url;                         // Of this server, for webhooks; likewise
    int64_t clone_us, update_us, silence_us; // 0: as above
    int64_t called_bytes;                    // 0: CALLED_GIT_BYTES
} scm_options_t;

typedef struct scm scm_t;

scm_t *scm_new (const scm_options_t *options);
void scm_destroy (scm_t **self_p); // After its actor

extern const actor_class_t scm_class;

#endif
