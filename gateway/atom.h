/* atom.h - runs as an Atom feed, for readers and chat programs that follow feeds. Pure. Source: RFC 4287. */

#ifndef OPENCICD_GATEWAY_ATOM_H
#define OPENCICD_GATEWAY_ATOM_H

#include "common/base/buffer.h"
#include "proto/messages.h"

#define ATOM_MAX (1 << 20) // Bytes of a feed

// `base`: how the server is reached, without a slash at the end; `project`: its name; `path`: of the feed itself.
void atom_print (const char *base, const char *path, const char *project, const run_page_t *runs,
                 buffer_t *into);

#endif
