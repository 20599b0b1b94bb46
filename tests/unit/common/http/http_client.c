/* Requests end: with an answer, or with why there is none, within their bounds; whoever they are of. */

#include "common/base/clock.h"
#include "tests/http/certificate.h"
#include "tests/unit/common/http/client_world.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

TEST (an_answer_comes_with_its_status_its_headers_and_its_body)
{
    client_world_t *world = client_world_new ();
    http_answer_t answer = client_world_get (world, "/echo");
    CHECK_INT (answer.status, 200);
    CHECK_STR (http_answer_header (&answer, world->arena, "etag"), "\"v1\"");
    CHECK_STR (http_answer_header (&answer, world->arena, "method"), "GET");
    CHECK (!http_answer_header (&answer, world->arena, "eta"));
    answer = client_world_get (world, "/none");
    CHECK_INT (answer.fault, OK);
    CHECK_INT (answer.status, 404);
    CHECK_STR (answer.body, "none");
    CHECK_INT (answer.size, 4);
    client_world_destroy (&world);
}

TEST (a_head_request_has_no_body_and_ends)
{
    client_world_t *world = client_world_new ();
    http_answer_t answer = client_world_send (
        world, &(http_request_t){.method = "HEAD", .url = client_world_url (world, "/echo")});
    CHECK_INT (answer.fault, OK);
    CHECK_STR (http_answer_header (&answer, world->arena, "Method"), "HEAD");
    CHECK_INT (answer.size, 0);
    client_world_destroy (&world);
}

TEST (one_connection_serves_many_requests)
{
    client_world_t *world = client_world_new ();
    for (int i = 0; i < 5; i++)
        CHECK_INT (client_world_get (world, "/echo").status, 200);
    CHECK_INT (peer_connections (world->peer), 1);
    client_world_destroy (&world);
}

TEST (connections_are_not_inherited_by_children)
{
    client_world_t *world = client_world_new ();
    CHECK_INT (client_world_get (world, "/echo").status, 200);
    DIR *folder = opendir ("/proc/self/fd");
    int sockets = 0;
    for (struct dirent *entry; (entry = readdir (folder));) {
        int fd = (int) strtol (entry->d_name, NULL, 10), family = 0;
        socklen_t size = sizeof family;
        if (getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_INET) {
            sockets++;
            CHECK (fcntl (fd, F_GETFD) & FD_CLOEXEC);
        }
    }
    closedir (folder);
    CHECK (sockets >= 3); // The peer's listener, and both ends
    client_world_destroy (&world);
}

// ---- bodies

typedef struct {
    const char *text;
    size_t size, piece, reads;
    bool fails;
} source_t;

static int64_t read_source (void *self_, int64_t offset, void *into, size_t size)
{
    source_t *self = self_;
    size_t at = (size_t) offset, left = self->size - at;
    size = size < left ? size : left;
    size = size < self->piece ? size : self->piece;
    memcpy (into, self->text + at, size);
    return self->reads++ && self->fails ? -1 : (int64_t) size;
}

static const char *many_bytes (client_world_t *self, size_t size)
{
    char *text = arena_alloc (self->arena, size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = (char) ('a' + i * 7 % 26);
    return text;
}

static void check_echoed (client_world_t *self, const http_request_t *request, const char *text, size_t size)
{
    http_answer_t answer = client_world_send (self, request);
    CHECK_INT (answer.fault, OK);
    CHECK_INT (answer.size, size);
    CHECK (memcmp (answer.body, text, size) == 0);
    CHECK_STR (http_answer_header (&answer, self->arena, "Method"), request->method);
}

TEST (a_body_is_sent_from_memory_or_as_it_is_read)
{
    enum { SIZE = 300000 };
    client_world_t *world = client_world_new ();
    const char *text = many_bytes (world, SIZE), *const json[] = {"Content-Type: text/x", NULL};
    http_request_t request = {
        .method = "PUT", .url = client_world_url (world, "/echo"), .body = text, .size = SIZE};
    check_echoed (world, &request, text, SIZE);
    request.headers = json;
    http_answer_t answer = client_world_send (world, &request);
    CHECK_STR (http_answer_header (&answer, world->arena, "Type"), "text/x");
    source_t source = {.text = text, .size = SIZE, .piece = 777};
    request = (http_request_t){.method = "POST",
                               .url = client_world_url (world, "/echo"),
                               .read = read_source,
                               .read_size = SIZE,
                               .stream = &source};
    check_echoed (world, &request, text, SIZE);
    request.read_size = -1;
    check_echoed (world, &request, text, SIZE);
    client_world_destroy (&world);
}

TEST (a_body_without_a_type_is_not_called_a_form)
{
    client_world_t *world = client_world_new ();
    http_answer_t answer = client_world_send (
        world, &(http_request_t){
                   .method = "POST", .url = client_world_url (world, "/echo"), .body = "x", .size = 1});
    CHECK_STR (http_answer_header (&answer, world->arena, "Type"), "none");
    client_world_destroy (&world);
}

TEST (a_body_is_read_from_its_beginning_again_where_a_kept_connection_was_dead)
{
    enum { SIZE = 50000 };
    client_world_t *world = client_world_new ();
    const char *text = many_bytes (world, SIZE);
    source_t source = {.text = text, .size = SIZE, .piece = 5000};
    http_request_t request = {.method = "PUT",
                              .url = client_world_url (world, "/echo"),
                              .read = read_source,
                              .read_size = SIZE,
                              .stream = &source};
    check_echoed (world, &request, text, SIZE);
    atomic_store (&world->dies, true); // With the connection that is kept
    check_echoed (world, &request, text, SIZE);
    CHECK_INT (atomic_load (&world->served), 3);
    CHECK_INT (peer_connections (world->peer), 2);
    client_world_destroy (&world);
}

TEST (a_reader_that_gives_up_ends_the_request)
{
    client_world_t *world = client_world_new ();
    source_t source = {.text = many_bytes (world, 1000), .size = 1000, .piece = 10, .fails = true};
    http_answer_t answer =
        client_world_send (world, &(http_request_t){.method = "PUT",
                                                    .url = client_world_url (world, "/echo"),
                                                    .read = read_source,
                                                    .read_size = 1000,
                                                    .stream = &source});
    CHECK_INT (answer.fault, BROKEN);
    CHECK (!world->turn.detail);
    client_world_destroy (&world);
}

typedef struct {
    size_t size, most;
} sink_t;

static bool take (void *self_, const char *bytes, size_t size)
{
    sink_t *self = self_;
    (void) bytes;
    self->size += size;
    return self->size <= self->most;
}

TEST (a_download_is_taken_as_it_comes_and_ends_when_its_taker_stops)
{
    client_world_t *world = client_world_new ();
    sink_t sink = {.most = 1 << 20};
    http_request_t request = {
        .url = client_world_url (world, "/large"), .take = take, .stream = &sink, .answer_max = 1000};
    http_answer_t answer = client_world_send (world, &request);
    CHECK_INT (answer.fault, OK); // The cap is for what is held in memory
    CHECK_INT (answer.size, 0);
    CHECK_INT (sink.size, 100000);
    sink = (sink_t){.most = 1000};
    CHECK_INT (client_world_send (world, &request).fault, BROKEN);
    CHECK (sink.size < 100000 && !world->turn.detail);
    client_world_destroy (&world);
}

TEST (a_refusal_is_not_taken_for_what_was_to_be_downloaded)
{
    client_world_t *world = client_world_new ();
    sink_t sink = {.most = 1 << 20};
    http_answer_t answer = client_world_send (
        world, &(http_request_t){.url = client_world_url (world, "/none"), .take = take, .stream = &sink});
    CHECK_INT (answer.status, 404);
    CHECK_STR (answer.body, "none");
    CHECK_INT (sink.size, 0);
    client_world_destroy (&world);
}

TEST (an_answer_larger_than_its_bound_is_not_held)
{
    client_world_t *world = client_world_new ();
    sink_t sink = {.most = 1 << 20};
    http_request_t request = {.url = client_world_url (world, "/large"), .answer_max = 99999};
    client_world_fails (world, &request, TOO_LARGE, "larger");
    request.answer_max = 100000;
    CHECK_INT (client_world_send (world, &request).size, 100000);
    request = (http_request_t){
        .url = client_world_url (world, "/large-refusal"), .answer_max = 1000, .take = take, .stream = &sink};
    client_world_fails (world, &request, TOO_LARGE, "larger");
    client_world_destroy (&world);
}

// ---- ends

TEST (a_request_ends_when_its_time_is_over)
{
    client_world_t *world = client_world_new ();
    client_world_fails (world, &(http_request_t){.url = client_world_url (world, "/hold"), .total_ms = 50},
                        TIMEOUT, peer_url (world->peer));
    client_world_fails (world, &(http_request_t){.url = client_world_url (world, "/byte"), .total_ms = 50},
                        TIMEOUT, "timed out");
    client_world_destroy (&world);
}

TEST (an_answer_that_stops_coming_is_given_up)
{
    client_world_t *world = client_world_new ();
    client_world_fails (world,
                        &(http_request_t){.url = client_world_url (world, "/byte"),
                                          .total_ms = HTTP_NO_END,
                                          .silence_ms = 1000},
                        TIMEOUT, "ess than 1 bytes/sec");
    client_world_destroy (&world);
}

// Its queue is full: the kernel drops whatever else knocks.
static int full_listener (uint16_t *port, int knocks[], int count)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (fd, (struct sockaddr *) &at, size) == 0 && listen (fd, 0) == 0);
    CHECK (getsockname (fd, (struct sockaddr *) &at, &size) == 0);
    for (int i = 0; i < count; i++) {
        knocks[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void) !connect (knocks[i], (struct sockaddr *) &at, sizeof at);
    }
    *port = ntohs (at.sin_port);
    return fd;
}

TEST (a_server_that_does_not_accept_is_given_up_before_anything_was_sent)
{
    client_world_t *world = client_world_new ();
    uint16_t port;
    int knocks[8], fd = full_listener (&port, knocks, 8);
    http_answer_t answer = client_world_send (
        world, &(http_request_t){.url = arena_printf (world->arena, "http://127.0.0.1:%u/", port),
                                 .connect_ms = 200});
    CHECK_INT (answer.fault, TIMEOUT);
    CHECK (!answer.sent);
    for (int i = 0; i < 8; i++)
        close (knocks[i]);
    close (fd);
    client_world_destroy (&world);
}

TEST (a_request_that_never_left_is_distinguished_from_one_that_may_have_arrived)
{
    client_world_t *world = client_world_new ();
    http_answer_t answer =
        client_world_send (world, &(http_request_t){.url = "http://127.0.0.1:1/secret-token"});
    CHECK_INT (answer.fault, UNAVAILABLE);
    CHECK (!answer.sent);
    CHECK (strstr (world->turn.detail, "http://127.0.0.1:1: ") == world->turn.detail);
    CHECK (!strstr (world->turn.detail, "secret-token"));
    atomic_store (&world->dies, true);
    answer = client_world_get (world, "/echo");
    CHECK_INT (answer.fault, UNAVAILABLE);
    CHECK (answer.sent);
    client_world_destroy (&world);
}

TEST (a_password_in_a_url_is_in_no_detail)
{
    client_world_t *world = client_world_new ();
    client_world_fails (world, &(http_request_t){.url = "http://ada:secret@127.0.0.1:1/"}, UNAVAILABLE,
                        "http://127.0.0.1:1: ");
    CHECK (!strstr (world->turn.detail, "secret"));
    client_world_destroy (&world);
}

// ---- where requests go

TEST (a_redirect_is_an_answer_unless_it_is_to_be_followed)
{
    client_world_t *world = client_world_new ();
    http_answer_t answer = client_world_get (world, "/go");
    CHECK_INT (answer.status, 302);
    CHECK_STR (http_answer_header (&answer, world->arena, "Location"), world->other);
    answer =
        client_world_send (world, &(http_request_t){.url = client_world_url (world, "/go"), .redirects = 1});
    CHECK_INT (answer.status, 200);
    CHECK_STR (http_answer_header (&answer, world->arena, "Method"), "GET");
    CHECK (!http_answer_header (&answer, world->arena, "First")); // Of the answer alone
    answer = client_world_send (
        world, &(http_request_t){.method = "POST", .url = client_world_url (world, "/go"), .redirects = 1});
    CHECK_INT (answer.status, 302); // What changes something goes where it was sent, or nowhere
    world->other = client_world_url (world, "/go");
    client_world_fails (world, &(http_request_t){.url = client_world_url (world, "/go"), .redirects = 3},
                        BROKEN, "redirect");
    client_world_destroy (&world);
}

TEST (credentials_do_not_follow_a_redirect_to_another_host)
{
    client_world_t *world = client_world_new (), *other = client_world_new ();
    static const char *const token[] = {"Authorization: Bearer secret", NULL};
    const http_request_t request = {.url = client_world_url (world, "/go"), .headers = token, .redirects = 1};
    CHECK_INT (client_world_send (world, &request).status, 200);
    CHECK (atomic_load (&world->told));
    world->other = client_world_url (other, "/echo");
    CHECK_INT (client_world_send (world, &request).status, 200);
    CHECK_INT (atomic_load (&other->served), 1);
    CHECK (!atomic_load (&other->told));
    client_world_destroy (&other);
    client_world_destroy (&world);
}

TEST (nothing_but_http_is_spoken)
{
    client_world_t *world = client_world_new ();
    client_world_fails (world, &(http_request_t){.url = "file:///etc/passwd"}, INVALID, "rotocol");
    client_world_fails (world, &(http_request_t){.url = "gopher://127.0.0.1/"}, INVALID, "rotocol");
    world->other = "file:///etc/passwd";
    client_world_fails (world, &(http_request_t){.url = client_world_url (world, "/go"), .redirects = 1},
                        INVALID, "rotocol");
    client_world_destroy (&world);
}

TEST (requests_can_go_to_a_unix_socket)
{
    char folder[256], path[300];
    test_folder (folder, sizeof folder);
    snprintf (path, sizeof path, "%s/s", folder);
    client_world_t *world = client_world_with (&(http_client_options_t){.unix_socket = path},
                                               &(peer_options_t){.unix_socket = path});
    http_answer_t answer = client_world_send (world, &(http_request_t){.url = "http://docker/echo"});
    CHECK_INT (answer.status, 200);
    client_world_destroy (&world);
    test_folder_remove (folder);
}

TEST (a_host_that_was_judged_by_its_address_is_not_resolved_again)
{
    client_world_t *world = client_world_new ();
    const char *port = strrchr (peer_url (world->peer), ':');
    http_answer_t answer = client_world_send (
        world, &(http_request_t){.url = arena_printf (world->arena, "http://nowhere.invalid%s/echo", port),
                                 .address = "127.0.0.1"});
    CHECK_INT (answer.status, 200);
    client_world_destroy (&world);
}

TEST (a_proxy_is_asked_where_there_is_one_and_not_where_there_is_to_be_none)
{
    client_world_t *world = client_world_new ();
    setenv ("http_proxy", peer_url (world->peer), 1);
    unsetenv ("no_proxy");
    unsetenv ("NO_PROXY");
    http_answer_t answer = client_world_send (world, &(http_request_t){.url = "http://nowhere.invalid/"});
    CHECK_INT (peer_connections (world->peer), 1); // It takes no absolute URLs: that it was asked is all
    CHECK_INT (answer.fault, UNAVAILABLE);
    http_client_t *direct = http_client_new (&(http_client_options_t){.proxy = ""});
    setenv ("http_proxy", "http://127.0.0.1:1", 1);
    CHECK_INT (http_client_send (direct, &world->turn,
                                 &(http_request_t){.url = client_world_url (world, "/echo")}, &answer),
               OK);
    unsetenv ("http_proxy");
    http_client_destroy (&direct);
    http_client_t *through = http_client_new (&(http_client_options_t){.proxy = peer_url (world->peer)});
    (void) !http_client_send (through, &world->turn, &(http_request_t){.url = "http://nowhere.invalid/"},
                              &answer);
    CHECK_INT (peer_connections (world->peer), 3);
    http_client_destroy (&through);
    client_world_destroy (&world);
}

TEST (a_server_must_show_a_certificate_of_a_trusted_authority_for_its_name)
{
    char folder[256];
    test_folder (folder, sizeof folder);
    certificate_t mine = certificate_make (folder, "mine", "127.0.0.1"),
                  other = certificate_make (folder, "other", "127.0.0.1"),
                  elsewhere = certificate_make (folder, "elsewhere", "127.0.0.2");
    const certificate_t *const shown[] = {&mine, &other, &elsewhere};
    for (int i = 0; i < 3; i++) {
        const char *trusted = i == 2 ? elsewhere.cert_file : mine.cert_file;
        client_world_t *world = client_world_with (
            &(http_client_options_t){.ca_file = trusted},
            &(peer_options_t){.cert_file = shown[i]->cert_file, .key_file = shown[i]->key_file});
        http_answer_t answer = client_world_get (world, "/echo");
        CHECK_INT (answer.fault, i == 0 ? OK : UNAVAILABLE);
        CHECK (answer.sent == (i == 0));
        CHECK_INT (atomic_load (&world->served), i == 0);
        http_client_destroy (&world->client);
        world->client = http_client_new (NULL); // The system's authorities know none of them
        CHECK_INT (client_world_get (world, "/echo").fault, UNAVAILABLE);
        client_world_destroy (&world);
    }
    test_folder_remove (folder);
}
