/* badge_routes.c - badges and feeds: a project's runs as other programs show them. They are asked for again and again, so both have an ETag. */

#include "gateway/ask.h"
#include "gateway/atom.h"
#include "gateway/badge.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/routes_types.h"

#include <string.h>

#define PAGES_MAX 3  // Of runs that are looked through for one of the branch
#define ENTRIES   50 // Of a feed

static void send (request_t *self, const char *type, const buffer_t *body)
{
    const char *etag =
        arena_printf (self->turn.arena, "\"%s\"", reply_sum (self, buffer_text (body), buffer_size (body)));
    reply_header (self, "Cache-Control",
                  "no-cache"); // Proxies of pictures may keep it, and must ask whether it is still so
    reply_header (self, "ETag", "%s", etag);
    bool known = http_head_has (self->info, "If-None-Match", etag);
    reply_bytes (self, known ? 304 : 200, type, buffer_text (body), buffer_size (body));
}

static const char *query (const request_t *self, const char *name)
{
    for (size_t i = 0; i < self->query.count; i++)
        if (strcmp (self->query.items[i].name, name) == 0)
            return self->query.items[i].value;
    return "";
}

// The latest that ended; a long history may hold none of the branch within the pages that we look through.
static fault_t latest (request_t *self, run_list_t *ask, const run_t **out)
{
    *out = NULL;
    for (int i = 0; i < PAGES_MAX; i++) {
        run_page_t page = {0};
        TRY (gateway_call (self, MESSAGE (run_list), ask, &page, 0));
        if (page.items.count) {
            *out = &page.items.items[0];
            return OK;
        }
        if (!*page.next)
            return OK;
        ask->cursor = page.next;
    }
    return OK;
}

static const char *file_name (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash ? slash + 1 : path;
}

fault_t badge_show (request_t *self)
{
    run_list_t ask = {0};
    project_t project = {0};
    const run_t *run;
    TRY (request_ask (self, &ask));
    project_show_t show = {.project = ask.project};
    TRY (gateway_call (self, MESSAGE (project_show), &show, &project, 0));
    const char *branch = query (self, "branch"), *workflow = query (self, "workflow");
    if (!*query (self, "ref"))
        ask.ref = *branch ? branch : project.default_branch;
    if (*workflow && !strchr (workflow, '/')) // Its file's name is enough
        ask.workflow = arena_printf (self->turn.arena, ".github/workflows/%s", workflow);
    ask.state = "finished";
    ask.limit = 1;
    TRY (latest (self, &ask, &run));
    const char *label = run && *workflow && *run->name ? run->name
                        : *workflow                    ? file_name (workflow)
                                                       : project.name;
    buffer_t *body = buffer_new (BADGE_MAX);
    badge_print (label, run != NULL, run ? run->result : result_none, body);
    send (self, SVG_TYPE "; charset=utf-8", body);
    buffer_destroy (&body);
    return OK;
}

fault_t atom_show (request_t *self)
{
    run_list_t ask = {0};
    run_page_t page = {0};
    project_t project = {0};
    TRY (request_ask (self, &ask));
    project_show_t show = {.project = ask.project};
    TRY (gateway_call (self, MESSAGE (project_show), &show, &project, 0));
    ask.limit = ask.limit && ask.limit < ENTRIES ? ask.limit : ENTRIES;
    TRY (gateway_call (self, MESSAGE (run_list), &ask, &page, 0));
    buffer_t *body = buffer_new (ATOM_MAX);
    atom_print (gateway_url (self->gateway),
                arena_printf (self->turn.arena, "/projects/%s/runs.atom", project.name), project.name, &page,
                body);
    fault_t fault = buffer_full (body)
                        ? turn_fail (&self->turn, TOO_LARGE, "the feed has more than %d bytes", ATOM_MAX)
                        : OK;
    if (fault == OK)
        send (self, ATOM_TYPE "; charset=utf-8", body);
    buffer_destroy (&body);
    return fault;
}
