/* The audit: entries are kept once, found by what they are about, followed, sent to syslog, and removed by age alone. */

#include "tests/service/identity/world.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DAY SECONDS (86400)

static audit_entry_t entry (const char *id, int64_t at, const char *actor, const char *action,
                            const char *object)
{
    return (audit_entry_t){.id = id,
                           .at = at,
                           .actor = actor,
                           .role = "DEVELOPER",
                           .credential = "t1",
                           .action = action,
                           .object = object,
                           .project = SITE,
                           .detail = "",
                           .result = "OK",
                           .address = "192.0.2.7",
                           .forwarded_for = "",
                           .client = "curl",
                           .request_id = "q1"};
}

static void put (world_t *world, audit_entry_t *entries, size_t count)
{
    done_t done;
    const audit_put_t ask = {.items = {entries, count}};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_audit_put, &ask, &done), OK);
}

static void put_some (world_t *world)
{
    audit_entry_t entries[] = {entry ("u1", BEGINS, "ada", "run_cancel", "r1"),
                               entry ("u2", BEGINS + 1, "ben", "secret_set", "TOKEN"),
                               entry ("u3", BEGINS + 2, "ada", "secret_set", "KEY"),
                               entry ("u4", BEGINS + 3, "cas", "project_remove", "other")};
    entries[3].project = "other"; // As its caller named it
    entries[3].result = "FORBIDDEN";
    put (world, entries, 4);
}

// The ids that a list with these filters has, in its order: "u3 u1".
static const char *listed (world_t *world, const audit_list_t *ask)
{
    audit_page_t page = {0};
    const char *ids = "";
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_list, ask, &page), OK);
    for (size_t i = 0; i < page.items.count; i++)
        ids = arena_printf (world->arena, "%s%s%s", ids, *ids ? " " : "", page.items.items[i].id);
    return ids;
}
#define LISTED(...) listed (world, &(audit_list_t){__VA_ARGS__})

TEST_ON_ENGINES (entries_are_listed_latest_first_and_found_by_what_they_are_about)
{
    put_some (world);
    CHECK_STR (LISTED (.limit = 0), "u4 u3 u2 u1");
    CHECK_STR (LISTED (.actor = "ada"), "u3 u1");
    CHECK_STR (LISTED (.action = "secret_set"), "u3 u2");
    CHECK_STR (LISTED (.actor = "ada", .action = "secret_set"), "u3");
    CHECK_STR (LISTED (.object = "r1"), "u1");
    CHECK_STR (LISTED (.object = "r1", .actor = "ben"), "");
    CHECK_STR (LISTED (.project = "site"), "u3 u2 u1"); // By its name or its id
    CHECK_STR (LISTED (.project = SITE), "u3 u2 u1");
    CHECK_STR (LISTED (.project = "other"), "u4");
    CHECK_STR (LISTED (.project = "was-removed"), "");
    CHECK_STR (LISTED (.result = "OK"), "u3 u2 u1");
    CHECK_STR (LISTED (.result = "refused"), "u4");
    CHECK_STR (LISTED (.result = "CONFLICT"), "");
    CHECK_STR (LISTED (.since = BEGINS + 1, .until = BEGINS + 3), "u3 u2");
}

TEST_ON_ENGINES (an_entry_comes_back_as_it_was_put)
{
    audit_page_t page;
    put_some (world);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_list, &(audit_list_t){.object = "TOKEN"}, &page), OK);
    const audit_entry_t *found = &page.items.items[0];
    CHECK_INT (found->at, BEGINS + 1);
    CHECK_STR (found->actor, "ben");
    CHECK_STR (found->role, "DEVELOPER");
    CHECK_STR (found->credential, "t1");
    CHECK_STR (found->project, SITE);
    CHECK_STR (found->result, "OK");
    CHECK_STR (found->address, "192.0.2.7");
    CHECK_STR (found->client, "curl");
    CHECK_STR (found->request_id, "q1");
    CHECK (found->number > 0);
}

TEST_ON_ENGINES (pages_meet_without_gap_or_double)
{
    audit_page_t page = {.next = ""};
    int count = 0;
    for (int i = 0; i < 3; i++) {
        audit_entry_t entries[40];
        for (int j = 0; j < 40; j++) // Some at the same time
            entries[j] =
                entry (arena_printf (world->arena, "u%d", i * 40 + j), BEGINS + j / 3, "ada", "x", "y");
        put (world, entries, 40);
    }
    bool seen[120] = {false};
    do {
        const audit_list_t ask = {.limit = 7, .cursor = page.next};
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_list, &ask, &page), OK);
        for (size_t i = 0; i < page.items.count; i++, count++) {
            bool *one = &seen[strtol (page.items.items[i].id + 1, NULL, 10)];
            CHECK (!*one);
            *one = true;
        }
    } while (*page.next);
    CHECK_INT (count, 120);
}

TEST_ON_ENGINES (what_is_sent_twice_is_kept_once_and_as_it_was_first)
{
    audit_entry_t again = entry ("u1", BEGINS + 9, "mallory", "nothing", "");
    put_some (world);
    put (world, &again, 1);
    CHECK_STR (LISTED (.actor = "mallory"), "");
    CHECK_STR (LISTED (.object = "r1"), "u1");
}

TEST_ON_ENGINES (only_services_add_and_only_admins_read)
{
    audit_entry_t one = entry ("u1", BEGINS, "ada", "x", "y");
    audit_page_t page;
    audit_entries_t entries;
    done_t done;
    static const role_t others[] = {ROLE_NOBODY,    ROLE_JOB,    ROLE_AGENT,
                                    ROLE_REGISTRAR, ROLE_VIEWER, ROLE_DEVELOPER};
    const audit_put_t ask = {.items = {&one, 1}};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_put, &ask, &done), FORBIDDEN);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK_INT (ask_as (world, others[i], MSG_audit_put, &ask, &done), FORBIDDEN);
        CHECK_INT (ask_as (world, others[i], MSG_audit_list, &(audit_list_t){0}, &page), FORBIDDEN);
        CHECK_INT (ask_as (world, others[i], MSG_audit_read, &(audit_read_t){0}, &entries), FORBIDDEN);
    }
    CHECK_STR (LISTED (.limit = 0), "");
}

TEST_ON_ENGINES (a_cursor_or_times_that_make_no_sense_are_refused)
{
    audit_page_t page;
    static const char *const cursors[] = {"x", "12.", ".3", "12.x", "1.2.3"};
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors; i++)
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_list, &(audit_list_t){.cursor = cursors[i]}, &page),
                   INVALID);
    const audit_list_t ask = {.since = BEGINS, .until = BEGINS};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_list, &ask, &page), INVALID);
}

TEST_ON_ENGINES (an_export_reads_in_order_and_goes_on_where_it_was)
{
    audit_entries_t first, rest;
    put_some (world);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_read, &(audit_read_t){.limit = 3}, &first), OK);
    CHECK_INT (first.items.count, 3);
    CHECK_STR (first.items.items[0].id, "u1");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_read, &(audit_read_t){.after = first.cursor}, &rest), OK);
    CHECK_INT (rest.items.count, 1);
    CHECK_STR (rest.items.items[0].id, "u4");
    const audit_read_t end = {.after = rest.cursor};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_audit_read, &end, &first), OK);
    CHECK_INT (first.items.count, 0);
    CHECK_INT (first.cursor, rest.cursor);
}

TEST_ON_ENGINES (what_identity_itself_changes_is_recorded_with_its_subject)
{
    session_t session = {0};
    int64_t deadline_us = test_until_us ();
    token_t token = issue (world, "DEVELOPER", "dan", 0);
    const session_begin_t ask = {.token = token.token};
    world->turn.audit = "{\"id\":\"u1\",\"action\":\"session_begin\",\"address\":\"192.0.2.7\"}";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_session_begin, &ask, &session), OK);
    world->turn.audit = NULL;
    while (strcmp (LISTED (.actor = "dan"), "u1") != 0 && clock_monotonic_us () < deadline_us)
        clock_turn (world->clock, SECONDS (1));
    CHECK_STR (LISTED (.actor = "dan", .action = "session_begin"), "u1");
}

// Another identity on the same database, with these settings.
static void start_with (world_t *world, uint32_t days, const char *syslog)
{
    actor_destroy (&world->actor);
    identity_destroy (&world->identity);
    world->identity = identity_new (world->actors_db, &world->key);
    CHECK_INT (identity_set_audit (world->identity, &world->turn, days, syslog), OK);
    world->actor = actor_new (&identity_class, world->identity, world->bus, NULL);
}

TEST_ON_ENGINES (only_age_removes_entries)
{
    audit_entry_t old = entry ("old", BEGINS - 31 * DAY, "ada", "x", "y"),
                  young = entry ("young", BEGINS - 29 * DAY, "ada", "x", "y");
    int64_t deadline_us = test_until_us ();
    put (world, &old, 1);
    put (world, &young, 1);
    CHECK_STR (LISTED (.limit = 0), "young old"); // Kept for good until somebody says for how long
    start_with (world, 30, "");
    while (strcmp (LISTED (.limit = 0), "young") != 0 && clock_monotonic_us () < deadline_us)
        clock_turn (world->clock, SECONDS (1));
    CHECK_STR (LISTED (.limit = 0), "young");
}

// ---- syslog ----

static void send_to (world_t *world, const char *to)
{
    start_with (world, 0, to);
}

static int listen_inet (int type, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
    CHECK (fd >= 0);
    CHECK_INT (bind (fd, (struct sockaddr *) &address, size), 0);
    CHECK_INT (getsockname (fd, (struct sockaddr *) &address, &size), 0);
    if (type == SOCK_STREAM)
        CHECK_INT (listen (fd, 8), 0);
    *port = ntohs (address.sin_port);
    return fd;
}

static bool comes (world_t *world, int fd)
{
    int64_t deadline_us = test_until_us ();
    struct pollfd item = {.fd = fd, .events = POLLIN};
    while (poll (&item, 1, 20) == 0 && clock_monotonic_us () < deadline_us)
        clock_turn (world->clock, SECONDS (1));
    return item.revents & POLLIN;
}

static void check_datagrams (world_t *world, int fd)
{
    char text[4096];
    static const char *const ids[] = {"u1", "u2", "u3", "u4"};
    for (int i = 0; i < 4; i++) {
        CHECK (comes (world, fd));
        ssize_t size = recv (fd, text, sizeof text - 1, 0);
        CHECK (size > 0);
        text[size] = '\0';
        CHECK (strncmp (text, i == 3 ? "<108>1 2030-03-17T" : "<110>1 2030-03-17T", 18) == 0);
        CHECK (strstr (text, arena_printf (world->arena, " id=\"%s\" ", ids[i])) != NULL);
    }
}

TEST_ON_ENGINES (entries_are_sent_to_syslog_by_udp)
{
    uint16_t port;
    int fd = listen_inet (SOCK_DGRAM, &port);
    put_some (world);
    send_to (world, arena_printf (world->arena, "udp://127.0.0.1:%u", port));
    check_datagrams (world, fd);
    close (fd);
}

TEST_ON_ENGINES (entries_are_sent_to_a_socket_of_this_machine_once_it_is_there)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/opencicd-audit-XXXXXX";
    CHECK (mkdtemp (folder) != NULL);
    snprintf (address.sun_path, sizeof address.sun_path, "%s/log", folder);
    put_some (world);
    send_to (world, arena_printf (world->arena, "unix:%s", address.sun_path));
    CHECK_STR (LISTED (.actor = "ben"), "u2"); // It serves although nobody is there
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK (fd >= 0);
    CHECK_INT (bind (fd, (struct sockaddr *) &address, sizeof address), 0);
    check_datagrams (world, fd);
    close (fd);
    unlink (address.sun_path);
    rmdir (folder);
}

TEST_ON_ENGINES (entries_are_sent_to_syslog_by_tcp_with_their_lengths)
{
    uint16_t port;
    char text[16384];
    size_t have = 0;
    int listener = listen_inet (SOCK_STREAM, &port);
    put_some (world);
    send_to (world, arena_printf (world->arena, "tcp://127.0.0.1:%u", port));
    CHECK (comes (world, listener));
    int fd = accept (listener, NULL, NULL);
    CHECK (fd >= 0);
    for (ssize_t size = 1; size > 0; have += (size_t) size) {
        size = recv (fd, text + have, sizeof text - have - 1, 0);
        CHECK (size >= 0);
    }
    text[have] = '\0';
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        char *message;
        size_t size = strtoul (at, &message, 10);
        CHECK (*message == ' ' && strncmp (message + 1, i == 3 ? "<108>1 " : "<110>1 ", 7) == 0);
        at = message + 1 + size;
    }
    CHECK_INT (at - text, have);
    close (fd);
    close (listener);
}

TEST_ON_ENGINES (an_address_that_is_none_of_syslogs_is_refused)
{
    static const char *const wrong[] = {"udp://localhost",      "tcp://:514",
                                        "http://localhost:514", "udp://localhost:514/path",
                                        "unix:relative/log",    "tcp://me@localhost:514"};
    identity_t *other = identity_new (world->db, &world->key); // The world's own is its actor's
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT (identity_set_audit (other, &world->turn, 0, wrong[i]), INVALID);
    identity_destroy (&other);
}
