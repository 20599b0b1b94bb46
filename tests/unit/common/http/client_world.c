/* client_world.c - see client_world.h. */

#include "tests/unit/common/http/client_world.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer_echo (client_world_t *self, const peer_request_t *request)
{
    (void) self;
    const char *type = http_head_get (request->head, "Content-Type");
    char head[256];
    snprintf (head, sizeof head, "Method: %s\r\nType: %s\r\nETag: \"v1\"  \r\nSize: %zu\r\n",
              request->head->method, type ? type : "none", request->size);
    peer_answer_bytes (request->conn, 200, head, request->body, request->size);
}

static void hold (client_world_t *self, const peer_request_t *request)
{
    atomic_fetch_add (&self->held, 1);
    peer_wait_until_left (request->conn);
}

static void answer_a_byte (client_world_t *self, const peer_request_t *request)
{
    peer_say (request->conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    hold (self, request);
}

static void redirect (client_world_t *self, const peer_request_t *request)
{
    char head[256];
    snprintf (head, sizeof head, "Location: %s\r\nFirst: yes\r\n", self->other);
    peer_answer (request->conn, 302, head, "elsewhere");
}

static void answer_large (client_world_t *self, const peer_request_t *request)
{
    (void) self;
    char *body = calloc (1, 100001);
    memset (body, 'x', 100000);
    peer_answer (request->conn, strcmp (request->head->path, "/large") == 0 ? 200 : 500, "", body);
    free (body);
}

static void serve (void *self_, const peer_request_t *request)
{
    static const struct {
        const char *path;
        void (*serve) (client_world_t *self, const peer_request_t *request);
    } paths[] = {{"/echo", answer_echo}, {"/hold", hold},          {"/byte", answer_a_byte},
                 {"/go", redirect},      {"/large", answer_large}, {"/large-refusal", answer_large}};
    client_world_t *self = self_;
    atomic_fetch_add (&self->served, 1);
    atomic_store (&self->told, http_head_get (request->head, "Authorization") != NULL);
    if (atomic_exchange (&self->dies, false)) {
        peer_close (request->conn);
        return;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (strcmp (paths[i].path, request->head->path) == 0) {
            paths[i].serve (self, request);
            return;
        }
    peer_answer (request->conn, 404, "", "none");
}

client_world_t *client_world_with (const http_client_options_t *options, const peer_options_t *how)
{
    client_world_t *self = calloc (1, sizeof (client_world_t));
    peer_options_t peer = how ? *how : (peer_options_t){.serve = NULL};
    peer.serve = serve;
    peer.self = self;
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", 0);
    self->peer = peer_new (&peer);
    self->client = http_client_new (options);
    self->other = arena_printf (self->arena, "%s/echo", peer_url (self->peer));
    return self;
}

client_world_t *client_world_new (void)
{
    return client_world_with (NULL, NULL);
}

void client_world_destroy (client_world_t **self_p)
{
    client_world_t *self = *self_p;
    http_client_destroy (&self->client);
    peer_destroy (&self->peer);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

const char *client_world_url (client_world_t *self, const char *path)
{
    return arena_printf (self->arena, "%s%s", peer_url (self->peer), path);
}

http_answer_t client_world_send (client_world_t *self, const http_request_t *request)
{
    http_answer_t answer;
    self->turn.detail = NULL;
    fault_t fault = http_client_send (self->client, &self->turn, request, &answer);
    CHECK_INT (fault, answer.fault);
    return answer;
}

http_answer_t client_world_get (client_world_t *self, const char *path)
{
    return client_world_send (self, &(http_request_t){.url = client_world_url (self, path)});
}

void client_world_fails (client_world_t *self, const http_request_t *request, fault_t fault, const char *part)
{
    http_answer_t answer = client_world_send (self, request);
    if (answer.fault != fault || !self->turn.detail || !strstr (self->turn.detail, part))
        test_fail (__FILE__, __LINE__, "%s: %s, %s", request->url, fault_name (answer.fault),
                   self->turn.detail);
}

void client_world_wait_held (client_world_t *self, unsigned count)
{
    int64_t until = test_until_us ();
    while (atomic_load (&self->held) < count && clock_monotonic_us () < until)
        sched_yield ();
    CHECK (atomic_load (&self->held) >= count);
}
