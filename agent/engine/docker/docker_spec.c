/* docker_spec.c - ports, volumes, variables and labels of a container: see docker_options.h. */

#include "agent/engine/docker/docker_options.h"

#include "common/base/turn.h"

#include <stdlib.h>
#include <string.h>

void docker_spec_init (docker_spec_t *self, arena_t *arena)
{
    *self = (docker_spec_t){.arena = arena,
                            .body = value_object (arena),
                            .host = value_object (arena),
                            .aliases = value_array (arena),
                            .named = value_array (arena),
                            .error = ""};
}

// The object or array under that key, made where it is missing. What is in a spec is its own, whatever the type says.
static value_t *child (docker_spec_t *self, value_t *object, const char *key, value_t *(*make) (arena_t *) )
{
    const value_t *there = value_get (object, key);
    if (there)
        return (value_t *) there;
    value_t *made = make (self->arena);
    value_set (self->arena, object, key, made);
    return made;
}

void docker_spec_env (docker_spec_t *self, const char *name, const char *value)
{
    value_push (self->arena, child (self, self->body, "Env", value_array),
                value_string (self->arena, arena_printf (self->arena, "%s=%s", name, value)));
}

void docker_spec_label (docker_spec_t *self, const char *name, const char *value)
{
    value_set (self->arena, child (self, self->body, "Labels", value_object), name,
               value_string (self->arena, value));
}

// ---- ports

#define PORTS_MOST 1024 // Of one range

static bool is_port (const char *text)
{
    char *end;
    unsigned long port = strtoul (text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && port > 0 && port <= 65535;
}

typedef struct {
    unsigned first, last;
} port_range_t;

// "80", "8000-8010". False: it is neither.
static bool read_range (arena_t *arena, const char *text, port_range_t *out)
{
    const char *dash = strchr (text, '-'),
               *first = dash ? arena_strndup (arena, text, (size_t) (dash - text)) : text;
    if (!is_port (first) || (dash && !is_port (dash + 1)))
        return false;
    out->first = (unsigned) strtoul (first, NULL, 10);
    out->last = dash ? (unsigned) strtoul (dash + 1, NULL, 10) : out->first;
    return out->first <= out->last && out->last - out->first < PORTS_MOST;
}

static bool is_protocol (const char *text)
{
    return strcmp (text, "tcp") == 0 || strcmp (text, "udp") == 0 || strcmp (text, "sctp") == 0;
}

static void add_port (docker_spec_t *self, const char *key, const char *address, const char *outer)
{
    arena_t *arena = self->arena;
    value_t *bound = child (self, child (self, self->host, "PortBindings", value_object), key, value_array);
    value_t *binding = value_object (arena);
    value_set (arena, binding, "HostIp", value_string (arena, address));
    value_set (arena, binding, "HostPort", value_string (arena, outer));
    value_push (arena, bound, binding);
    value_set (arena, child (self, self->body, "ExposedPorts", value_object), key, value_object (arena));
}

typedef struct {
    const char *address, *protocol;
    const char *outer; // NULL or "": the engine chooses
    port_range_t in, out;
} ports_t;

// Takes the text apart from its end: an address may hold colons.
static bool read_ports (arena_t *arena, const char *text, ports_t *to)
{
    char *left = arena_strdup (arena, text), *slash = strrchr (left, '/');
    *to = (ports_t){.address = "", .protocol = slash ? slash + 1 : "tcp"};
    if (slash)
        *slash = 0;
    char *inner = strrchr (left, ':');
    if (inner) {
        *inner++ = 0;
        char *outer = strrchr (left, ':');
        to->address = outer ? left : "";
        if (outer)
            *outer++ = 0;
        to->outer = outer ? outer : left;
    }
    if (to->outer && *to->outer && !read_range (arena, to->outer, &to->out))
        return false;
    return read_range (arena, inner ? inner : left, &to->in) && is_protocol (to->protocol);
}

fault_t docker_spec_port (docker_spec_t *self, const char *text)
{
    arena_t *arena = self->arena;
    ports_t ports;
    if (!read_ports (arena, text, &ports))
        return fault_with (
            arena, &self->error, INVALID,
            "the port \"%s\" is not [[address:]port:]port[/tcp or /udp], with numbers from 1 to 65535,"
            " or ranges of at most %d as 8000-8010",
            text, PORTS_MOST);
    bool chosen = ports.outer && *ports.outer;
    unsigned more = ports.in.last - ports.in.first;
    bool each = chosen && more > 0;
    if (each && ports.out.last - ports.out.first != more)
        return fault_with (arena, &self->error, INVALID,
                           "the port \"%s\": both ranges must have as many ports", text);
    // One port of the container takes any of a range that is free, as the engine chooses
    for (unsigned i = 0; i <= more; i++)
        add_port (self, arena_printf (arena, "%u/%s", ports.in.first + i, ports.protocol), ports.address,
                  each     ? arena_printf (arena, "%u", ports.out.first + i)
                  : chosen ? ports.outer
                           : "");
    return OK;
}

// ---- volumes

void docker_spec_mount (docker_spec_t *self, const char *source, const char *target, bool writes)
{
    arena_t *arena = self->arena;
    value_t *mount = value_object (arena);
    value_set (arena, mount, "Type", value_string (arena, "bind"));
    value_set (arena, mount, "Source", value_string (arena, source));
    value_set (arena, mount, "Target", value_string (arena, target));
    value_set (arena, mount, "ReadOnly", value_bool (!writes));
    value_push (arena, child (self, self->host, "Mounts", value_array), mount);
}

static bool is_volume_name (const char *text)
{
    static const char also[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    return *text && *text != '.' && strspn (text, also) == strlen (text) && strlen (text) <= 128;
}

static bool is_mode (const char *text)
{
    return strcmp (text, "ro") == 0 || strcmp (text, "rw") == 0 || strcmp (text, "z") == 0 ||
           strcmp (text, "Z") == 0;
}

static fault_t volume_with_source (docker_spec_t *self, const char *source, const char *target,
                                   const char *mode)
{
    arena_t *arena = self->arena;
    if (source[0] == '/' && !self->may_all)
        return fault_with (
            arena, &self->error, FORBIDDEN,
            "the volume \"%s\" is a folder of the agent's machine: its operator must allow that "
            "(--container-host-access)",
            source);
    if (source[0] != '/' && !is_volume_name (source))
        return fault_with (arena, &self->error, INVALID,
                           "the volume \"%s\" is neither an absolute path nor a volume's name", source);
    const char *name = source;
    if (source[0] != '/' && self->volumes) {
        name = arena_printf (arena, "%s%s", self->volumes, source);
        value_push (arena, self->named, value_string (arena, name));
    }
    value_push (
        arena, child (self, self->host, "Binds", value_array),
        value_string (arena, arena_printf (arena, "%s:%s%s%s", name, target, *mode ? ":" : "", mode)));
    return OK;
}

fault_t docker_spec_volume (docker_spec_t *self, const char *text)
{
    arena_t *arena = self->arena;
    char *parts[4] = {NULL}, *left = arena_strdup (arena, text);
    size_t count = 0;
    while (left && count < 4)
        parts[count++] = strsep (&left, ":");
    const char *mode = count > 1 && is_mode (parts[count - 1]) ? parts[--count] : "";
    const char *target = count > 0 ? parts[count - 1] : "";
    if (count == 0 || count > 2 || target[0] != '/')
        return fault_with (
            arena, &self->error, INVALID,
            "the volume \"%s\" is not [source:]/folder[:ro], with an absolute path in the container", text);
    if (count == 2)
        return volume_with_source (self, parts[0], target, mode);
    value_set (arena, child (self, self->body, "Volumes", value_object), target, value_object (arena));
    return OK;
}
