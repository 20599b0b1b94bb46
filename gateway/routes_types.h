/* routes_types.h - types of bodies and answers, and what is different about a handler: for the rows of routes.h. */

#ifndef OPENCICD_GATEWAY_ROUTES_TYPES_H
#define OPENCICD_GATEWAY_ROUTES_TYPES_H

#define JSON_TYPE     "application/json"
#define BYTES_TYPE    "application/octet-stream"
#define TEXT_TYPE     "text/plain"
#define MARKDOWN_TYPE "text/markdown"
#define SSE_TYPE      "text/event-stream"
#define LINES_TYPE    "application/x-ndjson"
#define ZIP_TYPE      "application/zip"
#define SVG_TYPE      "image/svg+xml"
#define ATOM_TYPE     "application/atom+xml"
#define STREAMS       1u // It reads the body by itself
#define TOOLKIT       2u // Its errors are as GitHub's clients read them
#define PLAIN         4u // A browser too gets it as it is, not the page of that path

#endif
