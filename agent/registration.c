/* registration.c - see registration.h. The file is written beside and renamed, so that it is never half a token. */

#include "agent/registration.h"

#include "common/base/id.h"
#include "common/http/signature.h"
#include "common/os/machine.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOKEN_MAX 512
#define LABELS    64 // Past it labels are ignored

void registration_load (registration_t *self, arena_t *arena, const settings_t *settings)
{
    char text[TOKEN_MAX + 1] = "";
    *self = (registration_t){.arena = arena,
                             .url = "",
                             .id = "",
                             .not_isolated = "",
                             .heartbeat_seconds = 10,
                             .lease_seconds = 30};
    self->file =
        *settings->token_file ? settings->token_file : arena_printf (arena, "%s/token", settings->work_dir);
    int fd = open (self->file, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read (fd, text, TOKEN_MAX);
    if (fd >= 0)
        close (fd);
    text[size > 0 ? size : 0] = 0;
    text[strcspn (text, " \r\n")] = 0;
    if (*text)
        self->token = arena_strdup (arena, text);
    explicit_bzero (text, sizeof (text));
}

static fault_t keep (const registration_t *self, turn_t *turn)
{
    const char *fresh = arena_printf (turn->arena, "%s.new", self->file);
    unlink (fresh);
    int fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t size = strlen (self->token);
    bool good = fd >= 0 && write (fd, self->token, size) == (ssize_t) size && fsync (fd) == 0;
    int error = errno;
    if (fd >= 0)
        close (fd);
    if (good && rename (fresh, self->file) == 0)
        return OK;
    return turn_fail (turn, NO_SPACE, "%s cannot be written: %s", self->file, strerror (error));
}

static int by_text (const void *left, const void *right)
{
    return strcmp (*(const char *const *) left, *(const char *const *) right);
}

static void add_label (arena_t *arena, strs_t *labels, const char *text, size_t size)
{
    size = strcspn (text, "=") < size ? strcspn (text, "=")
                                      : size; // What it maps to is the agent's own business
    while (size && *text == ' ')
        text++, size--;
    while (size && text[size - 1] == ' ')
        size--;
    char *label = arena_strndup (arena, text, size);
    for (char *c = label; *c; c++)
        *c = (char) tolower ((unsigned char) *c);
    bool known = size == 0 || labels->count == LABELS;
    for (size_t i = 0; i < labels->count && !known; i++)
        known = strcmp (labels->items[i], label) == 0;
    if (!known)
        labels->items[labels->count++] = label;
}

static strs_t make_labels (arena_t *arena, const char *more, const char *arch)
{
    strs_t labels = {.items = arena_array (arena, LABELS, sizeof (char *))};
    add_label (arena, &labels, "self-hosted", 11);
    add_label (arena, &labels, "linux", 5);
    add_label (arena, &labels, arch, strlen (arch));
    while (*more) {
        size_t size = strcspn (more, ",");
        add_label (arena, &labels, more, size);
        more += size + (more[size] == ',');
    }
    qsort (labels.items, labels.count, sizeof (char *), by_text);
    return labels;
}

static bool is_refusal (fault_t fault)
{
    return fault == UNAUTHORIZED || fault == FORBIDDEN || fault == NOT_FOUND || fault == GONE;
}

static fault_t introduce (registration_t *self, turn_t *turn, server_t *server, const settings_t *settings,
                          agent_registered_t *out)
{
    const char *arch = machine_arch (turn->arena);
    agent_register_t ask = {.name = settings->name,
                            .labels = make_labels (turn->arena, settings->labels, arch),
                            .url = self->url,
                            .os = "Linux",
                            .arch = arch,
                            .version = OPENCICD_VERSION,
                            .ephemeral = settings->ephemeral,
                            .not_isolated = self->not_isolated,
                            .key = ""};
    bool known = self->token != NULL;
    fault_t fault = UNAUTHORIZED;
    if (known)
        fault = server_register (server, turn, self->token, &ask, out);
    if (!is_refusal (fault))
        return fault;
    if (!*settings->registration_token)
        return turn_fail (turn, UNAUTHORIZED, "%s: --registration-token is needed",
                          known ? "the server no longer knows this agent"
                                : "this agent has not registered yet");
    if (!known) { // Kept before it is sent: whatever becomes of the answer, the next try is by the same agent
        self->token = secret_new (self->arena, "oca_");
        TRY (keep (self, turn));
    }
    ask.key = self->token;
    return server_register (server, turn, settings->registration_token, &ask, out);
}

fault_t registration_send (registration_t *self, turn_t *turn, server_t *server, const settings_t *settings)
{
    agent_registered_t answer = {.id = "", .token = ""};
    TRY (introduce (self, turn, server, settings, &answer));
    self->id = arena_strdup (self->arena, answer.id);
    self->server_time = answer.server_time;
    if (answer.lease_seconds)
        self->lease_seconds = answer.lease_seconds;
    if (answer.heartbeat_seconds)
        self->heartbeat_seconds = answer.heartbeat_seconds;
    if (!answer.token || !*answer.token)
        return OK;
    self->token = arena_strdup (self->arena, answer.token);
    return keep (self, turn);
}

const char *registration_push_key (const registration_t *self)
{
    return push_key_of (self->arena, self->token);
}
