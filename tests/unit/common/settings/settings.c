/* settings.c - which source wins, what is refused and in which words. */

#include "common/settings/settings.h"
#include "tests/unit/test.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGS 8

// A process with these arguments, environment and settings file.
typedef struct {
    const char *args[MAX_ARGS];
    const char *variables[4]; // "NAME=value"
    const char *file;         // Text; NULL: none
    unsigned programs;        // 0: SERVER
} told_t;

typedef struct {
    arena_t *arena;
    settings_t settings;
    fault_t fault;
    const char *error; // With the file's path as FILE
    int argc;
    char *argv[MAX_ARGS + 3];
} heard_t;

static const char *write_file (arena_t *arena, const char *text)
{
    char *path = arena_strdup (arena, "/tmp/opencicd-settings-XXXXXX");
    int fd = mkstemp (path);
    CHECK (fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text));
    close (fd);
    return path;
}

static const char *without_path (arena_t *arena, const char *error, const char *path)
{
    const char *at = error && path ? strstr (error, path) : NULL;
    return at ? arena_printf (arena, "%.*sFILE%s", (int) (at - error), error, at + strlen (path)) : error;
}

static heard_t load (const told_t *told)
{
    heard_t heard = {.arena = arena_new ()};
    const char *path = told->file ? write_file (heard.arena, told->file) : NULL;
    heard.argv[heard.argc++] = "program";
    if (path)
        heard.argv[heard.argc++] = arena_printf (heard.arena, "--config=%s", path);
    for (int i = 0; i < MAX_ARGS && told->args[i]; i++)
        heard.argv[heard.argc++] = arena_strdup (heard.arena, told->args[i]);
    setenv ("HOME", "/home/ada", 1);
    unsetenv ("XDG_DATA_HOME");
    unsetenv ("XDG_CONFIG_HOME");
    for (int i = 0; i < 4 && told->variables[i]; i++)
        putenv (arena_strdup (heard.arena, told->variables[i]));
    heard.fault = settings_load (&heard.settings, heard.arena, told->programs ? told->programs : SERVER,
                                 &heard.argc, heard.argv, &heard.error);
    for (int i = 0; i < 4 && told->variables[i]; i++)
        unsetenv (arena_strndup (heard.arena, told->variables[i], strcspn (told->variables[i], "=")));
    heard.error = without_path (heard.arena, heard.error, path);
    if (path)
        unlink (path);
    return heard;
}

TEST (settings_that_are_not_given_have_their_defaults)
{
    heard_t heard = load (&(told_t){.programs = EVERYBODY});
    CHECK_INT (heard.fault, OK);
    CHECK_STR (heard.settings.data_dir, "/home/ada/.local/share/opencicd");
    CHECK_STR (heard.settings.blob_url, "dir:/home/ada/.local/share/opencicd/blobs");
    CHECK_STR (heard.settings.database_url, "");
    CHECK_STR (heard.settings.listen, "127.0.0.1:8080");
    CHECK_INT (heard.settings.http_threads, 64);
    CHECK_INT (heard.settings.log_level, 1);
    CHECK (!heard.settings.parked);
    char host[256] = "";
    gethostname (host, sizeof (host) - 1);
    CHECK_STR (heard.settings.name, host);
    arena_destroy (&heard.arena);
}

TEST (a_flag_beats_the_environment_which_beats_the_file)
{
    told_t told = {.file = "http_threads: 10\nmax_attempts: 5\nlease_seconds: 9\nname: x\n",
                   .variables = {"OPENCICD_HTTP_THREADS=11", "OPENCICD_LEASE_SECONDS=8"},
                   .args = {"--http-threads=12"}};
    heard_t heard = load (&told);
    CHECK_INT (heard.fault, OK);
    CHECK_INT (heard.settings.http_threads, 12);
    CHECK_INT (heard.settings.lease_seconds, 8);
    CHECK_INT (heard.settings.max_attempts, 5);
    arena_destroy (&heard.arena);
}

TEST (of_a_flag_that_is_given_twice_the_last_counts)
{
    told_t told = {.args = {"--http-threads=12", "--lease-seconds", "7", "--http-threads", "13"}};
    heard_t heard = load (&told);
    CHECK_INT (heard.fault, OK);
    CHECK_INT (heard.settings.http_threads, 13);
    CHECK_INT (heard.settings.lease_seconds, 7);
    arena_destroy (&heard.arena);
}

TEST (flags_are_taken_out_and_positional_arguments_stay)
{
    told_t told = {.args = {"up", "--data-dir", "~/x", "-h", "more", "--", "--agents"}};
    heard_t heard = load (&told);
    CHECK_INT (heard.fault, OK);
    CHECK_STR (heard.settings.data_dir, "/home/ada/x");
    CHECK_STR (heard.settings.blob_url, "dir:/home/ada/x/blobs");
    CHECK (heard.settings.help);
    CHECK_INT (heard.argc, 4);
    CHECK_STR (heard.argv[1], "up");
    CHECK_STR (heard.argv[2], "more");
    CHECK_STR (heard.argv[3], "--agents");
    CHECK (!heard.argv[4]);
    arena_destroy (&heard.arena);
}

TEST (a_folder_is_taken_from_the_current_one_and_made_absolute)
{
    char here[PATH_MAX];
    CHECK (getcwd (here, sizeof here));
    told_t told = {.args = {"--data-dir", "data", "--secret-key-file=./key"}};
    heard_t heard = load (&told);
    CHECK_INT (heard.fault, OK);
    CHECK_STR (heard.settings.data_dir, arena_printf (heard.arena, "%s/data", here));
    CHECK_STR (heard.settings.secret_key_file, arena_printf (heard.arena, "%s/./key", here));
    arena_destroy (&heard.arena);
}

TEST (a_command_may_keep_its_own_flags)
{
    told_t told = {.args = {"logs", "-f", "--url=http://h:1", "--json", "r1"},
                   .programs = CLIENT | SETTINGS_KEEP_UNKNOWN};
    heard_t heard = load (&told);
    CHECK_INT (heard.fault, OK);
    CHECK_STR (heard.settings.url, "http://h:1");
    CHECK_INT (heard.argc, 5);
    CHECK_STR (heard.argv[2], "-f");
    CHECK_STR (heard.argv[3], "--json");
    arena_destroy (&heard.arena);
}

TEST (an_invalid_setting_is_refused_with_its_location_and_what_would_be_valid)
{
    static const struct {
        told_t told;
        const char *error;
    } cases[] = {
        {{.args = {"--http-threads=0"}}, "--http-threads: 0 is not in 8..1024"},
        {{.args = {"--http-threads", "9x"}}, "--http-threads: 9x is not in 8..1024"},
        {{.args = {"--http-threads=99999999999999999999"}},
         "--http-threads: 99999999999999999999 is not in 8..1024"},
        {{.args = {"--http-threads"}}, "--http-threads: its value is missing"},
        {{.args = {"--htp-threads=9"}}, "--htp-threads: unknown option (did you mean --http-threads?)"},
        {{.args = {"-x"}}, "-x: unknown option"},
        {{.args = {"--parked"}}, "--parked: an option of agents only"},
        {{.args = {"--parked=maybe"}, .programs = AGENT}, "--parked: maybe is neither true nor false"},
        {{.args = {"--log-level=loud"}}, "--log-level: loud is not one of debug|info|warn|error"},
        {{.args = {"--listen=8080"}}, "--listen: 8080 is not HOST:PORT with a port in 0..65535"},
        {{.args = {"--listen=h:70000"}}, "--listen: h:70000 is not HOST:PORT with a port in 0..65535"},
        {{.args = {"--public-url=h"}},
         "--public-url: h is not a URL that begins with one of http|https and \":\""},
        {{.args = {"--database-url=mysql://u:hunter2@h"}},
         "--database-url: this value is not a URL that begins with one of sqlite|postgres|postgresql and \":\""},
        {{.args = {"--data-dir=a\nb"}}, "--data-dir: a control character in the value"},
        {{.args = {"--data-dir=a\xff"}}, "--data-dir: the value is not UTF-8"},
        {{.args = {"--config=/no/such/file"}},
         "/no/such/file: cannot read the settings file: No such file or directory"},
        {{.variables = {"OPENCICD_HTTP_THREADS="}},
         "OPENCICD_HTTP_THREADS: an empty value is not in 8..1024"},
        {{.variables = {"OPENCICD_DATABSE_URL=x"}},
         "OPENCICD_DATABSE_URL: unknown setting in the environment (did you mean OPENCICD_DATABASE_URL?)"},
        {{.file = "listen: x:1\n\nhttp_thread: 9\n"},
         "FILE:3: unknown setting http_thread (did you mean http_threads?)"},
        {{.file = "http-threads: 9\n"}, "FILE:1: unknown setting http-threads (did you mean http_threads?)"},
        {{.file = "agents: 1\nagents: 2\n"}, "FILE:2: duplicate setting agents"},
        {{.file = "agents: 1000\n"}, "FILE:1: agents: 1000 is not in 0..256"},
        {{.file = "agents: [1]\n"}, "FILE:1: expected a plain value of agents"},
        {{.file = "- agents\n"}, "FILE:1: expected a map of settings, one \"key: value\" per line"},
        {{.file = "help: true\n"}, "FILE:1: unknown setting help"},
        {{.file = "agents: 1\n---\nagents: 2\n"}, "FILE:2: expected the end of the file"},
        {{.file = "agents: \"\\0\"\n"}, "FILE:1: a plain value of agents contains a NUL"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        heard_t heard = load (&cases[i].told);
        CHECK_STR (heard.error, cases[i].error);
        CHECK_INT (heard.fault, BAD_INPUT);
        arena_destroy (&heard.arena);
    }
}

TEST (the_environment_of_others_is_left_alone)
{
    heard_t heard =
        load (&(told_t){.variables = {"OPENCICD_SCHEDULER_SERVICE_HOST=10.0.0.1",
                                      "OPENCICD_PORT=tcp://10.0.0.1:80", "OPENCICD_PARKED=perhaps"}});
    CHECK_STR (heard.error, NULL);
    CHECK_INT (heard.fault, OK);
    arena_destroy (&heard.arena);
}

TEST (an_empty_settings_file_says_nothing)
{
    heard_t heard = load (&(told_t){.file = "# nothing yet\n"});
    CHECK_INT (heard.fault, OK);
    arena_destroy (&heard.arena);
}

TEST (help_and_the_docs_table_come_from_the_rows)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream (&text, &size);
    settings_help (out, CLIENT);
    settings_markdown (out);
    fclose (out);
    CHECK (strstr (text, "--url=URL"));
    CHECK (!strstr (text, "--http-threads=N"));
    CHECK (strstr (
        text,
        "| `http_threads` | `--http-threads` | `OPENCICD_HTTP_THREADS` | N (8 to 1024) | 64 | server |"));
    free (text);
}
