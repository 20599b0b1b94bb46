/* docker_options.c - the table of flags: see docker_options.h. To add one: a row, and a function where it is of no kind that is there. */

#include "agent/engine/docker/docker_options.h"

#include "common/base/turn.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct option_row option_row_t;
typedef bool set_fn (docker_spec_t *self, const option_row_t *row,
                     const char *text); // False: not a value of this flag

struct option_row {
    const char *name;
    char letter;      // -e; 0: none
    bool flag;        // It takes no value, or =true and =false
    bool opens;       // It opens the machine: may_all
    set_fn *set;      // NULL: it is never allowed; `key` says why
    const char *key;  // Of the body, or of HostConfig where it begins with a dot
    const char *what; // What the value is, for messages; NULL: any text
};

// ---- values

static value_t *owner (docker_spec_t *self, const option_row_t *row)
{
    return row->key[0] == '.' ? self->host : self->body;
}

static const char *key_of (const option_row_t *row)
{
    return row->key + (row->key[0] == '.');
}

static bool put (docker_spec_t *self, const option_row_t *row, const value_t *value)
{
    value_set (self->arena, owner (self, row), key_of (row), value);
    return true;
}

static bool set_text (docker_spec_t *self, const option_row_t *row, const char *text)
{
    return put (self, row, value_string (self->arena, text));
}

static bool set_flag (docker_spec_t *self, const option_row_t *row, const char *text)
{
    bool on = strcmp (text, "true") == 0;
    return (on || strcmp (text, "false") == 0) && put (self, row, value_bool (on));
}

static bool set_number (docker_spec_t *self, const option_row_t *row, const char *text)
{
    char *end;
    long long number = strtoll (text, &end, 10);
    return *text && !*end && number >= -1 && number < 1LL << 50 &&
           put (self, row, value_number (self->arena, (double) number));
}

static bool set_cpus (docker_spec_t *self, const option_row_t *row, const char *text)
{
    char *end;
    double cpus = strtod (text, &end);
    return *text && !*end && cpus > 0 && cpus < 1e5 &&
           put (self, row, value_number (self->arena, floor (cpus * 1e9)));
}

static bool parse_size (const char *text, double *out)
{
    static const char units[] = "bkmgt";
    char *end;
    double size = strtod (text, &end);
    if (end == text || size < 0 || (!isdigit ((unsigned char) *text) && *text != '.'))
        return false;
    const char *unit = *end ? strchr (units, tolower ((unsigned char) *end)) : units;
    if (!unit || !*unit || (*end && end[1] && tolower ((unsigned char) end[1]) != 'b') ||
        (*end && end[1] && end[2]))
        return false;
    *out = floor (ldexp (size, 10 * (int) (unit - units)));
    return *out < ldexp (1, 60);
}

static bool set_size (docker_spec_t *self, const option_row_t *row, const char *text)
{
    double size = -1;
    if (strcmp (text, "-1") != 0 && !parse_size (text, &size))
        return false;
    return put (self, row, value_number (self->arena, size));
}

// As Go writes them: "1m30s", "500ms". In nanoseconds.
static bool parse_duration (const char *text, double *out)
{
    static const struct {
        const char *name;
        double nanoseconds;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    double sum = 0;
    if (strcmp (text, "0") == 0)
        return *out = 0, true;
    for (bool first = true; *text || first; first = false) {
        char *end;
        double number = strtod (text, &end);
        size_t size = strspn (end, "nsumh"), i = 0;
        if (end == text || !isdigit ((unsigned char) *text))
            return false;
        while (i < 6 && (strlen (units[i].name) != size || strncmp (units[i].name, end, size) != 0))
            i++;
        if (i == 6)
            return false;
        sum += number * units[i].nanoseconds;
        text = end + size;
    }
    *out = floor (sum);
    return sum < 1e18;
}

static value_t *inner (docker_spec_t *self, value_t *object, const char *key, value_t *(*make) (arena_t *) )
{
    const value_t *there = value_get (object, key);
    value_t *made = there ? (value_t *) there : make (self->arena);
    if (!there)
        value_set (self->arena, object, key, made);
    return made;
}

static value_t *health (docker_spec_t *self)
{
    return inner (self, self->body, "Healthcheck", value_object);
}

static bool set_health_time (docker_spec_t *self, const option_row_t *row, const char *text)
{
    double time;
    if (!parse_duration (text, &time))
        return false;
    value_set (self->arena, health (self), row->key, value_number (self->arena, time));
    return true;
}

static bool set_health_retries (docker_spec_t *self, const option_row_t *row, const char *text)
{
    char *end;
    long retries = strtol (text, &end, 10);
    if (!*text || *end || retries < 0 || retries > 100000)
        return false;
    value_set (self->arena, health (self), row->key, value_number (self->arena, (double) retries));
    return true;
}

static bool set_health_test (docker_spec_t *self, const option_row_t *row, const char *text)
{
    value_t *test = value_array (self->arena);
    value_push (self->arena, test, value_string (self->arena, "CMD-SHELL"));
    value_push (self->arena, test, value_string (self->arena, text));
    value_set (self->arena, health (self), row->key, test);
    return true;
}

static bool set_no_health (docker_spec_t *self, const option_row_t *row, const char *text)
{
    value_t *test = value_array (self->arena);
    value_push (self->arena, test, value_string (self->arena, "NONE"));
    if (strcmp (text, "true") == 0)
        value_set (self->arena, health (self), row->key, test);
    return true;
}

static bool add_text (docker_spec_t *self, const option_row_t *row, const char *text)
{
    value_push (self->arena, inner (self, owner (self, row), key_of (row), value_array),
                value_string (self->arena, text));
    return *text;
}

// "name=value", as one of an object.
static bool add_pair (docker_spec_t *self, const option_row_t *row, const char *text)
{
    size_t name = strcspn (text, "=");
    if (name == 0)
        return false;
    value_set (self->arena, inner (self, owner (self, row), key_of (row), value_object),
               arena_strndup (self->arena, text, name),
               value_string (self->arena, text[name] ? text + name + 1 : ""));
    return true;
}

// A variable without a value would be the agent's own, which is nobody's business.
static bool add_env (docker_spec_t *self, const option_row_t *row, const char *text)
{
    return strchr (text, '=') && *text != '=' && add_text (self, row, text);
}

static bool add_alias (docker_spec_t *self, const option_row_t *row, const char *text)
{
    (void) row;
    value_push (self->arena, self->aliases, value_string (self->arena, text));
    return *text;
}

static bool add_tmpfs (docker_spec_t *self, const option_row_t *row, const char *text)
{
    size_t path = strcspn (text, ":");
    value_set (self->arena, inner (self, self->host, key_of (row), value_object),
               arena_strndup (self->arena, text, path),
               value_string (self->arena, text[path] ? text + path + 1 : ""));
    return *text == '/';
}

static bool add_ulimit (docker_spec_t *self, const option_row_t *row, const char *text)
{
    char *end;
    size_t name = strcspn (text, "=");
    if (name == 0 || !text[name])
        return false;
    long soft = strtol (text + name + 1, &end, 10), hard = soft;
    if (end == text + name + 1)
        return false;
    if (*end == ':')
        hard = strtol (end + 1, &end, 10);
    value_t *limit = value_object (self->arena);
    value_set (self->arena, limit, "Name",
               value_string (self->arena, arena_strndup (self->arena, text, name)));
    value_set (self->arena, limit, "Soft", value_number (self->arena, (double) soft));
    value_set (self->arena, limit, "Hard", value_number (self->arena, (double) hard));
    value_push (self->arena, inner (self, self->host, key_of (row), value_array), limit);
    return !*end;
}

static bool add_port (docker_spec_t *self, const option_row_t *row, const char *text)
{
    (void) row;
    return docker_spec_port (self, text) == OK;
}

static bool add_exposed (docker_spec_t *self, const option_row_t *row, const char *text)
{
    const char *key = strchr (text, '/') ? text : arena_printf (self->arena, "%s/tcp", text);
    value_set (self->arena, inner (self, self->body, row->key, value_object), key,
               value_object (self->arena));
    return isdigit ((unsigned char) *text);
}

// "all", or how many.
static bool set_gpus (docker_spec_t *self, const option_row_t *row, const char *text)
{
    arena_t *arena = self->arena;
    char *end;
    long count = strcmp (text, "all") == 0 ? -1 : strtol (text, &end, 10);
    if (count != -1 && (!*text || *end || count < 1 || count > 1024))
        return false;
    value_t *request = value_object (arena), *each = value_array (arena), *list = value_array (arena);
    value_push (arena, each, value_string (arena, "gpu"));
    value_push (arena, list, each);
    value_set (arena, request, "Count", value_number (arena, (double) count));
    value_set (arena, request, "Capabilities", list);
    value_push (arena, inner (self, self->host, key_of (row), value_array), request);
    return true;
}

// "outer[:inner[:rwm]]"
static bool add_device (docker_spec_t *self, const option_row_t *row, const char *text)
{
    arena_t *arena = self->arena;
    size_t outer = strcspn (text, ":");
    const char *rest = text[outer] ? text + outer + 1 : "";
    size_t named = strcspn (rest, ":");
    const char *source = arena_strndup (arena, text, outer);
    value_t *device = value_object (arena);
    value_set (arena, device, "PathOnHost", value_string (arena, source));
    value_set (arena, device, "PathInContainer",
               value_string (arena, named ? arena_strndup (arena, rest, named) : source));
    value_set (arena, device, "CgroupPermissions",
               value_string (arena, rest[named] ? rest + named + 1 : "rwm"));
    value_push (arena, inner (self, self->host, key_of (row), value_array), device);
    return *text == '/';
}

static bool set_platform (docker_spec_t *self, const option_row_t *row, const char *text)
{
    (void) row;
    self->platform = text;
    return *text;
}

// Checked where a volume is.
static bool add_volume (docker_spec_t *self, const option_row_t *row, const char *text)
{
    (void) row;
    return docker_spec_volume (self, text) == OK;
}

// What takes rights away needs no permission; anything else given here could give them.
static bool set_security (docker_spec_t *self, const option_row_t *row, const char *text)
{
    bool less = strcmp (text, "no-new-privileges") == 0 || strcmp (text, "no-new-privileges:true") == 0;
    if (!less && !self->may_all)
        return false;
    return add_text (self, row, text);
}

static const option_row_t rows[] = {
    {"add-host", 0, false, false, add_text, ".ExtraHosts", "name:address"},
    {"cap-add", 0, false, true, add_text, ".CapAdd", NULL},
    {"cap-drop", 0, false, false, add_text, ".CapDrop", NULL},
    {"cgroupns", 0, false, true, set_text, ".CgroupnsMode", NULL},
    {"cpu-period", 0, false, false, set_number, ".CpuPeriod", "a number"},
    {"cpu-quota", 0, false, false, set_number, ".CpuQuota", "a number"},
    {"cpu-shares", 'c', false, false, set_number, ".CpuShares", "a number"},
    {"cpus", 0, false, false, set_cpus, ".NanoCpus", "a number of CPUs, as 1.5"},
    {"cpuset-cpus", 0, false, false, set_text, ".CpusetCpus", NULL},
    {"device", 0, false, true, add_device, ".Devices", "/dev/name[:/dev/name[:rwm]]"},
    {"dns", 0, false, false, add_text, ".Dns", "an address"},
    {"dns-option", 0, false, false, add_text, ".DnsOptions", NULL},
    {"dns-search", 0, false, false, add_text, ".DnsSearch", NULL},
    {"entrypoint", 0, false, false, NULL, "it is the agent's; a service has the key `entrypoint`", NULL},
    {"env", 'e', false, false, add_env, "Env", "NAME=value"},
    {"expose", 0, false, false, add_exposed, "ExposedPorts", "a port"},
    {"gpus", 0, false, false, set_gpus, ".DeviceRequests", "\"all\" or a number"},
    {"group-add", 0, false, false, add_text, ".GroupAdd", NULL},
    {"health-cmd", 0, false, false, set_health_test, "Test", NULL},
    {"health-interval", 0, false, false, set_health_time, "Interval", "a time, as 10s or 1m30s"},
    {"health-retries", 0, false, false, set_health_retries, "Retries", "a number"},
    {"health-start-period", 0, false, false, set_health_time, "StartPeriod", "a time, as 10s or 1m30s"},
    {"health-timeout", 0, false, false, set_health_time, "Timeout", "a time, as 10s or 1m30s"},
    {"hostname", 'h', false, false, set_text, "Hostname", NULL},
    {"init", 0, true, false, set_flag, ".Init", "true or false"},
    {"ipc", 0, false, true, set_text, ".IpcMode", NULL},
    {"label", 'l', false, false, add_pair, "Labels", "name=value"},
    {"mac-address", 0, false, false, set_text, "MacAddress", NULL},
    {"memory", 'm', false, false, set_size, ".Memory", "a size, as 512m or 2g"},
    {"memory-reservation", 0, false, false, set_size, ".MemoryReservation", "a size, as 512m or 2g"},
    {"memory-swap", 0, false, false, set_size, ".MemorySwap", "a size, as 512m or 2g, or -1"},
    {"name", 0, false, false, NULL, "the agent names its containers", NULL},
    {"net", 0, false, false, NULL, "a job has a network of its own", NULL},
    {"network", 0, false, false, NULL, "a job has a network of its own", NULL},
    {"network-alias", 0, false, false, add_alias, "", "a name"},
    {"no-healthcheck", 0, true, false, set_no_health, "Test", "true or false"},
    {"oom-kill-disable", 0, true, true, set_flag, ".OomKillDisable", "true or false"},
    {"oom-score-adj", 0, false, true, set_number, ".OomScoreAdj", "a number"},
    {"pid", 0, false, true, set_text, ".PidMode", NULL},
    {"pids-limit", 0, false, false, set_number, ".PidsLimit", "a number"},
    {"platform", 0, false, false, set_platform, "", "as linux/arm64"},
    {"privileged", 0, true, true, set_flag, ".Privileged", "true or false"},
    {"publish", 'p', false, false, add_port, "", "[[address:]port:]port[/tcp or /udp]"},
    {"read-only", 0, true, false, set_flag, ".ReadonlyRootfs", "true or false"},
    {"restart", 0, false, false, NULL, "a container lives as long as its job", NULL},
    {"rm", 0, true, false, NULL, "containers are always removed", NULL},
    {"runtime", 0, false, true, set_text, ".Runtime", NULL},
    {"security-opt", 0, false, false, set_security, ".SecurityOpt",
     "no-new-privileges; others need --container-host-access of the agent"},
    {"shm-size", 0, false, false, set_size, ".ShmSize", "a size, as 512m or 2g"},
    {"stop-signal", 0, false, false, set_text, "StopSignal", NULL},
    {"stop-timeout", 0, false, false, set_number, "StopTimeout", "seconds"},
    {"sysctl", 0, false, false, add_pair, ".Sysctls", "name=value"},
    {"tmpfs", 0, false, false, add_tmpfs, ".Tmpfs", "/folder[:options]"},
    {"tty", 't', true, false, NULL, "steps have no terminal", NULL},
    {"ulimit", 0, false, false, add_ulimit, ".Ulimits", "name=soft[:hard]"},
    {"user", 'u', false, false, set_text, "User", NULL},
    {"userns", 0, false, true, set_text, ".UsernsMode", NULL},
    {"volume", 'v', false, false, add_volume, "", "[source:]/folder[:ro]"},
    {"workdir", 'w', false, false, set_text, "WorkingDir", NULL},
};

// ---- words

typedef struct {
    const char *at;
    char *to;
    char quote;
} word_reader_t;

static bool take_char (word_reader_t *self)
{
    char c = *self->at;
    if (c == '\\' && self->quote != '\'' && self->at[1]) {
        *self->to++ = self->at[1];
        self->at += 2;
        return true;
    }
    if (!self->quote && isspace ((unsigned char) c))
        return false;
    self->at++;
    if (self->quote ? c == self->quote : c == '"' || c == '\'')
        self->quote = self->quote ? 0 : c;
    else
        *self->to++ = c;
    return true;
}

fault_t docker_words (arena_t *arena, const char *text, value_t *out, const char **error)
{
    word_reader_t reader = {.at = text};
    for (;;) {
        while (isspace ((unsigned char) *reader.at))
            reader.at++;
        if (!*reader.at)
            return OK;
        char *word = arena_alloc (arena, strlen (reader.at) + 1);
        reader.to = word;
        while (*reader.at && take_char (&reader))
            continue;
        if (reader.quote)
            return fault_with (arena, error, INVALID, "a quote is not closed in: %s", text);
        if (out->list.count == DOCKER_OPTION_WORDS)
            return fault_with (arena, error, TOO_LARGE, "there are more than %d words", DOCKER_OPTION_WORDS);
        value_push (arena, out, value_string (arena, word));
    }
}

// ---- flags

static const option_row_t *find (const char *word, size_t size)
{
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        const option_row_t *row = rows + i;
        if (word[0] == '-' && word[1] == '-' && strlen (row->name) == size - 2 &&
            strncmp (row->name, word + 2, size - 2) == 0)
            return row;
        if (word[0] == '-' && row->letter && word[1] == row->letter && size == 2)
            return row;
    }
    return NULL;
}

static fault_t set_option (docker_spec_t *self, const option_row_t *row, const char *value)
{
    arena_t *arena = self->arena;
    self->error = "";
    if (!row->set)
        return fault_with (arena, &self->error, INVALID, "`options`: --%s is not supported: %s", row->name,
                           row->key);
    if (row->opens && !self->may_all)
        return fault_with (
            arena, &self->error, FORBIDDEN,
            "`options`: --%s opens the agent's machine to the job: its operator must allow that "
            "(--container-host-access)",
            row->name);
    if (row->set (self, row, value))
        return OK;
    const char *why = self->error;
    return fault_with (arena, &self->error, INVALID, "`options`: --%s \"%s\"%s%s%s%s", row->name, value,
                       row->what ? " is not " : "", row->what ? row->what : "", *why ? ": " : "", why);
}

// --name=value, --name value, -nvalue, -n value.
static fault_t take_option (docker_spec_t *self, const value_t *words, size_t *i)
{
    const char *word = words->list.items[*i]->string.text;
    bool is_long = word[0] == '-' && word[1] == '-';
    size_t size = is_long ? strcspn (word, "=") : word[0] == '-' && word[1] ? 2 : 0;
    const option_row_t *row = size ? find (word, size) : NULL;
    if (!row)
        return fault_with (self->arena, &self->error, INVALID, "`options`: \"%s\" is not known here", word);
    const char *value = word[size] == '=' ? word + size + 1 : !is_long && word[size] ? word + size : NULL;
    if (!value && row->flag)
        value = "true";
    if (!value && *i + 1 < words->list.count)
        value = words->list.items[++*i]->string.text;
    if (!value)
        return fault_with (self->arena, &self->error, INVALID, "`options`: --%s needs a value", row->name);
    return set_option (self, row, value);
}

fault_t docker_spec_options (docker_spec_t *self, const char *options)
{
    value_t *words = value_array (self->arena);
    TRY (docker_words (self->arena, options, words, &self->error));
    for (size_t i = 0; i < words->list.count; i++)
        TRY (take_option (self, words, &i));
    return OK;
}
