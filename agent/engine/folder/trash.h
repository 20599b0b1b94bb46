/* trash.h - removes what jobs left behind, in the background: the next job neither waits for it nor sees it.
 *
 * One thread of the lowest priority, started when there is something to remove. What cannot be removed is logged and tried
 * again the next time; what is left when the agent ends is removed by the next agent in the same folder. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_TRASH_H
#define OPENCICD_AGENT_ENGINE_FOLDER_TRASH_H

typedef struct trash trash_t;

trash_t *trash_new (const char *folder); // Borrows it
void trash_destroy (trash_t **self_p);   // Stops at once; the rest stays
void trash_empty (trash_t *self);        // Starts to empty the folder; returns at once

#endif
