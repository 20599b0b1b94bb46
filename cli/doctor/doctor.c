/* doctor.c - `opencicd doctor`: the checks, in order, and their report. */

#include "cli/doctor/doctor.h"

#include "cli/server/server.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    void (*run) (doctor_t *self);
} checks[] = {
    {"folder", check_folder},     {"key", check_key},       {"database", check_database},
    {"replicas", check_replicas}, {"blobs", check_blobs},   {"clock", check_clock},
    {"server", check_server},     {"agents", check_agents},
};

static const struct {
    const char *name;
    paint_t paint;
} findings[] = {[FINDING_OK] = {"ok", GREEN},
                [FINDING_PASSED] = {"-", DIM},
                [FINDING_WARNING] = {"warning", YELLOW},
                [FINDING_ERROR] = {"error", RED}};

void doctor_find (doctor_t *self, doctor_finding_t finding, const char *advice, const char *format, ...)
{
    if (self->count == DOCTOR_FINDINGS)
        return;
    va_list args;
    va_start (args, format);
    self->rows[self->count++] = (doctor_row_t){.finding = finding,
                                               .check = self->check,
                                               .advice = advice,
                                               .text = arena_vprintf (self->turn->arena, format, args)};
    va_end (args);
}

static void print (const doctor_t *self)
{
    arena_t *arena = self->turn->arena;
    for (size_t i = 0; i < self->count; i++) {
        const doctor_row_t *row = &self->rows[i];
        const char *mark = arena_printf (arena, "%-8s", findings[row->finding].name);
        printf ("%s %-9s %s\n", paint (arena, self->cli->colour, findings[row->finding].paint, mark),
                row->check, paint_safe (arena, row->text));
        if (*row->advice)
            printf ("%18s %s\n", "", paint_safe (arena, row->advice));
    }
}

static void print_json (const doctor_t *self)
{
    arena_t *arena = self->turn->arena;
    value_t *report = value_object (arena), *list = value_array (arena);
    for (size_t i = 0; i < self->count; i++) {
        const doctor_row_t *row = &self->rows[i];
        value_t *one = value_object (arena);
        value_set (arena, one, "check", value_string (arena, row->check));
        value_set (arena, one, "finding",
                   value_string (arena, row->finding == FINDING_PASSED ? "passed_over"
                                                                       : findings[row->finding].name));
        value_set (arena, one, "text", value_string (arena, row->text));
        value_set (arena, one, "advice", value_string (arena, row->advice));
        value_push (arena, list, one);
    }
    value_set (arena, report, "findings", list);
    printf ("%s\n", value_to_json (arena, report, 2));
}

static size_t count (const doctor_t *self, doctor_finding_t finding)
{
    size_t number = 0;
    for (size_t i = 0; i < self->count; i++)
        number += self->rows[i].finding == finding;
    return number;
}

static int doctor (cli_t *cli)
{
    doctor_t *self = arena_alloc (cli->turn->arena, sizeof *self);
    *self = (doctor_t){.cli = cli, .settings = cli->settings, .turn = cli->turn};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        self->check = checks[i].name;
        checks[i].run (self);
    }
    size_t errors = count (self, FINDING_ERROR), warnings = count (self, FINDING_WARNING);
    if (flag_on (cli->flags, "json"))
        print_json (self);
    else {
        print (self);
        printf ("%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s", warnings,
                warnings == 1 ? "" : "s");
    }
    return errors ? CLI_FAILED : CLI_OK;
}

static const flag_t doctor_flags[] = {
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Print the findings in JSON."}, {.name = NULL}};

const command_t command_doctor = {
    .name = "doctor",
    .group = GROUP_SERVER,
    .usage = "[OPTIONS]",
    .summary = "Check a server and what it needs, and say what to do.",
    .help =
        "Run it where a server or one of its services runs, as the same user and with the same settings. It looks at the\n"
        "data folder, the key, the database, the other services, the blob store, the clocks, the HTTP API with its\n"
        "certificate, and the agents. It changes nothing; of the blob store it writes, reads and removes one small blob.\n"
        "Exit status 1 if there is an error; warnings do not count.\n",
    .examples = "opencicd doctor\n"
                "opencicd doctor --database-url postgres://ci@db/ci --url https://ci.example.org --json\n",
    .programs = SERVER | CLIENT,
    .flags = doctor_flags,
    .run = doctor};
