/* pages.h - the built web pages: a folder of files, with one page that stands for every path that a browser opens.
 *
 * The folder is listed once, at the start, so that no path from outside is ever looked up on the disk. Precompressed files (.br, .gz
 * beside the file) are sent to clients that accept them. Files under /_app/immutable/ have their content's hash in their name: they are cached
 * forever; everything else is revalidated each time. A path of the API is a page for clients that accept text/html, except under /api. */

#ifndef OPENCICD_GATEWAY_PAGES_H
#define OPENCICD_GATEWAY_PAGES_H

#include "common/base/turn.h"

#include <stdbool.h>

struct request; // request.h
typedef struct pages pages_t;

#define PAGES_FILES 4000      // Of the folder; more are not served
#define PAGES_BYTES (8 << 20) // Of one file

// `folder` NULL: none are served. "": the folder `web` beside this program, else ../share/opencicd/web; none if neither exists.
// NOT_FOUND if the named folder has no index.html.
MUST_USE fault_t pages_new (pages_t **out, turn_t *turn, const char *folder);
void pages_destroy (pages_t **self_p);
// Answers if the path is a file's, or a browser opens a page. False: the request is for the API.
bool pages_serve (const pages_t *self, struct request *request);

#endif
