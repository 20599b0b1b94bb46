/* watch.h - reports when a file of the working tree is written, made, moved or removed.
 *
 * The folders of all files that git knows are watched (inotify), not what is ignored. What the kernel does not report (more folders than
 * fs.inotify.max_user_watches, network file systems) is not seen. */

#ifndef OPENCICD_CLI_RUN_WATCH_H
#define OPENCICD_CLI_RUN_WATCH_H

#include "cli/files/working_tree.h"

#define WATCH_QUIET_MS 100  // Without a change: an editor or a checkout is done
#define WATCH_MOST_MS  2000 // Not longer than this

typedef struct watch file_watch_t;

// `epoll` becomes readable with it.
MUST_USE fault_t watch_new (file_watch_t **out, turn_t *turn, int epoll);
void watch_destroy (file_watch_t **self_p);
// The folders of a snapshot's files, in addition to those that are watched already.
MUST_USE fault_t watch_files (file_watch_t *self, turn_t *turn, const working_tree_t *tree,
                              const snapshot_t *snapshot);
// False if nothing has changed. Else waits until it is quiet; *name is the first file that changed.
bool watch_take (file_watch_t *self, arena_t *arena, const char **name);

#endif
