/* view_routes.c - files of artifacts as a browser shows them: text, images, HTML reports.
 *
 * They are foreign content. So whatever is shown is in a sandbox of an origin of its own, which the answer itself demands: it reaches no cookie,
 * no storage, no page of ours, and loads nothing that is not of the same artifact. A sandboxed page sends no cookie for its parts, so the
 * address carries the permission, in its path, where what is relative keeps it. Scripts run only where somebody asked for that. What is
 * in no row of the table below is a download. Sources: HTML's sandboxing, CSP Level 3. */

#include "gateway/artifact_routes.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/signed.h"

#include <string.h>
#include <strings.h>

#define TEXT "text/plain; charset=utf-8"

static const struct {
    const char *extension, *type;
} types[] = {
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"txt", TEXT},
    {"log", TEXT},
    {"md", TEXT},
    {"csv", TEXT},
    {"xml", TEXT}, // Not as XML, which can hold scripts and styles of its own
    {"yml", TEXT},
    {"yaml", TEXT},
    {"toml", TEXT},
    {"ini", TEXT},
    {"diff", TEXT},
    {"patch", TEXT},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"ico", "image/x-icon"},
    {"svg", "image/svg+xml"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
};

// NULL: it is not shown.
static const char *type_of (const char *path)
{
    const char *dot = strrchr (path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp (dot + 1, types[i].extension) == 0)
            return types[i].type;
    return NULL;
}

static void protect (request_t *self, bool scripts)
{
    reply_header (self, "Content-Security-Policy",
                  "sandbox%s; default-src 'none'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
                  "font-src 'self' data:; style-src 'self' 'unsafe-inline'; %s"
                  "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
                  scripts ? " allow-scripts" : "",
                  scripts ? "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; "
                            "connect-src 'self' data: blob:; "
                          : "");
    reply_header (self, "Referrer-Policy", "no-referrer");
    // Its origin is none, and its address a permission: fonts and modules of the same artifact load
    reply_header (self, "Access-Control-Allow-Origin", "*");
}

fault_t view_link (request_t *self)
{
    view_make_t ask = {0};
    artifact_view_t view = {0};
    TRY (request_ask (self, &ask));
    TRY (gateway_call (self, MESSAGE (view_make), &ask, &view, 0));
    view.url = signed_view_path (self, view.id, view.scripts, &view.expires_at);
    return reply_message (self, self->route->status, MESSAGE (artifact_view), &view, false);
}

fault_t view_file (request_t *self)
{
    artifact_t artifact;
    const artifact_file_t *file;
    bool scripts;
    TRY (signed_check_view (self, &scripts));
    TRY (artifact_file (self, &artifact, &file));
    const char *type = type_of (file->path), *slash = strrchr (file->path, '/');
    protect (self, scripts);
    if (!type)
        artifact_offer_as (self, slash ? slash + 1 : file->path, "");
    return artifact_send_file (self, &artifact, file, type ? type : BYTES_TYPE);
}
