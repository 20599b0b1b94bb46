/* Badges and feeds at the gateway: who may see them, for which branch, and that nothing is sent twice. */

#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static wire_answer_t get (world_t *world, const char *path, const char *token, const char *headers)
{
    return wire_ask (world->address, "GET", path, token, headers, "");
}

static void check (wire_answer_t answer, int status, const char *part)
{
    CHECK_INT (answer.status, status);
    if (!strstr (answer.head, part) && !strstr (answer.body, part))
        test_fail (__FILE__, __LINE__, "no %s in %s%s", part, answer.head, answer.body);
    wire_forget (&answer);
}

TEST (a_badge_is_a_picture_of_the_latest_run_of_the_default_branch)
{
    world_t *world = world_new ();
    check (get (world, "/projects/web/badge.svg", "viewer", ""), 200,
           "Content-Type: image/svg+xml; charset=utf-8\r\n");
    check (get (world, "/projects/web/badge.svg", "viewer", ""), 200, "aria-label=\"web: failing\"");
    check (get (world, "/projects/web/badge.svg?workflow=ci.yml", "viewer", ""), 200,
           "Tests &amp; &lt;more&gt;: failing");
    check (get (world, "/projects/web/badge.svg?branch=empty&workflow=ci.yml", "viewer", ""), 200,
           "ci.yml: no runs");
    check (get (world, "/projects/web/badge.svg", "viewer", "Accept: text/html\r\n"), 200, "<svg ");
    world_destroy (&world);
}

TEST (a_badge_that_the_client_has_is_not_sent_again)
{
    world_t *world = world_new ();
    char header[200] = "";
    wire_answer_t first = get (world, "/projects/web/badge.svg", "viewer", "");
    const char *etag = strstr (first.head, "ETag: ");
    CHECK (etag);
    snprintf (header, sizeof header, "If-None-Match: %.34s\r\n", etag + 6);
    wire_forget (&first);
    check (get (world, "/projects/web/badge.svg", "viewer", header), 304, "Cache-Control: no-cache\r\n");
    world_destroy (&world);
}

TEST (badges_and_feeds_are_for_who_may_view)
{
    static const char *const paths[] = {"/projects/web/badge.svg", "/projects/web/runs.atom"};
    world_t *world = world_new ();
    for (size_t i = 0; i < 2; i++) {
        check (get (world, paths[i], "unknown", ""), 401, "");
        check (get (world, paths[i], "registrar", ""), 403, "");
    }
    check (get (world, "/projects/none/badge.svg", "viewer", ""), 404, "there is no project none");
    check (get (world, "/projects/web/badge.svg?color=red", "viewer", ""), 400, "color");
    world_destroy (&world);
}

TEST (the_feed_of_a_project_is_atom)
{
    world_t *world = world_new ();
    check (get (world, "/projects/web/runs.atom", "viewer", ""), 200,
           "Content-Type: application/atom+xml; charset=utf-8\r\n");
    check (get (world, "/projects/web/runs.atom?ref=main", "viewer", ""), 200,
           "<title>50. Tests &amp; &lt;more&gt;: main (failure)</title>");
    world_destroy (&world);
}
