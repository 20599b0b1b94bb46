/* trash.h - removes what jobs left, in the background: the next job does not wait for it, and never sees it.
 *
 * One thread of the lowest priority, started with the first thing that there is to remove. What cannot be removed is logged and tried
 * again with the next; what is left at the end is removed by the next agent in the same folder. */

#ifndef OPENCICD_AGENT_ENGINE_TRASH_H
#define OPENCICD_AGENT_ENGINE_TRASH_H

typedef struct trash trash_t;

trash_t *trash_new (const char *folder); // Borrows it
void trash_destroy (trash_t **self_p);   // Stops where it is
void trash_empty (trash_t *self);        // From now on, until nothing is left

#endif
