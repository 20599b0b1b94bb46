/* give.h - gives what is in a folder to a user. */

#ifndef OPENCICD_GIVE_H
#define OPENCICD_GIVE_H

#include <sys/types.h>

typedef struct {
    uid_t user;
    gid_t group;
} give_t;

// Each file and folder in it that is another user's, and the folder. Links are not followed, other file systems are not entered. Only
// root can: for others it does nothing.
void give_folder (const char *path, const give_t *to);

#endif
