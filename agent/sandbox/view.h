/* view.h - the file system that a sandbox's processes see: made in a mount namespace of our own, which becomes it.
 *
 *     FOLDER/upper-N what is written to the machine's N-th file system (overlayfs; work-N is its own)
 *     FOLDER/tmp     /tmp, which holds nothing of anybody else; FOLDER/var-tmp is /var/tmp,
 *                    and FOLDER/home the home of a user whose own is hidden
 *
 * The machine's files are the lower layers, so that a job finds what is installed, and may install more, and nothing of that remains. /run is
 * empty: sockets of services of this machine would lead out. /dev has what a program needs; /sys, and what of /proc is the machine's, can only be read. */

#ifndef OPENCICD_AGENT_SANDBOX_VIEW_H
#define OPENCICD_AGENT_SANDBOX_VIEW_H

typedef struct {
    const char *folder;        // Absolute, exists, empty, this one's alone
    const char *const *hidden; // Absolute paths; end with NULL
    const char *const *shared;
    const char *const *shown; // As shared, but they can only be read
} view_t;

// Call it in the first process of the namespaces. 0, or an errno; then *what, static or for good, says what could not be done.
int view_enter (const view_t *self, const char **what);

#endif
