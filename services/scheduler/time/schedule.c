/* schedule.c - see schedule.h. What is due is posted to ourselves as the event `schedule`. */

#include "services/scheduler/time/schedule.h"

#include "common/base/log.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/store/schedule_store.h"
#include "services/scheduler/time/zone.h"
#include "services/scheduler/unit/unit.h"
#include "workflow/schema/cron.h"

#define NO_ZONE "this machine does not know the timezone: the schedule runs in UTC"

// The first time after `after_us`; NEVER where there is none or the line is wrong (lint says so).
static int64_t next_time (arena_t *arena, const char *line, const char *timezone, int64_t after_us)
{
    cron_t cron;
    const char *error;
    if (cron_parse (arena, line, &cron, &error) != OK)
        return NEVER;
    const zone_t *zone = *timezone ? zone_read (arena, timezone) : NULL;
    if (*timezone && !zone)
        log_warn (NO_ZONE, "timezone", timezone, "cron", line, NULL);
    int64_t next = cron_next (&cron, after_us, zone ? zone_offset : NULL, (void *) zone);
    return next < 0 ? NEVER : next;
}

static bool is_in (const schedule_rows_t *rows, const schedule_row_t *row)
{
    for (size_t i = 0; i < rows->count; i++)
        if (same (rows->items[i].cron, row->cron) && same (rows->items[i].timezone, row->timezone))
            return true;
    return false;
}

static void add_lines (turn_t *turn, const char *project, const plan_t *plan, schedule_rows_t *rows)
{
    const planned_schedule_t *lines;
    size_t count = planner_schedules (turn->arena, plan, &lines);
    // Of lines that never come, or come twice, no more are looked at: finding that out costs time as well
    for (size_t i = 0; i < count && i < SCHEDULES_MAX && rows->count < SCHEDULES_MAX; i++) {
        schedule_row_t row = {.project_id = project, .cron = lines[i].cron, .timezone = lines[i].timezone};
        row.next_at = next_time (turn->arena, row.cron, row.timezone, turn->now_us);
        if (!is_in (rows, &row))
            rows->items[rows->count++] = row;
    }
}

// A malformed file has no schedule; triggering it reports the error. LATER while a large one is read.
static fault_t lines_of (scheduler_t *self, turn_t *turn, const char *project, const scm_tree_t *tree,
                         schedule_rows_t *out)
{
    schedule_rows_t rows = {arena_array (turn->arena, SCHEDULES_MAX, sizeof (schedule_row_t)), 0};
    planned_files_t files = callable_new (turn, tree);
    TRY (files_read (self, turn, &files));
    for (size_t i = 0; i < tree->files.count; i++) {
        const file_text_t *file = &tree->files.items[i];
        plan_t *plan;
        if (files_root (turn, &files, file->path, &plan) == OK)
            add_lines (turn, project, plan, &rows);
    }
    turn->detail = NULL;
    *out = rows;
    return OK;
}

fault_t schedule_sync (scheduler_t *self, turn_t *turn, const project_row_t *project, const scm_tree_t *tree)
{
    const char *id = project->project.id;
    if (!same (project->project.default_branch, tree->default_branch))
        TRY (project_store_set_branch (self->db, turn, id, tree->default_branch));
    if (!*tree->sha || same (project->schedules_sha, tree->sha))
        return OK;
    schedule_rows_t lines, known;
    TRY (lines_of (self, turn, id, tree, &lines));
    TRY (schedule_store_of_project (self->db, turn, id, &known));
    for (size_t i = 0; i < known.count; i++)
        if (!is_in (&lines, &known.items[i]))
            TRY (schedule_store_remove (self->db, turn, &known.items[i]));
    for (size_t i = 0; i < lines.count; i++) {
        if (lines.items[i].next_at == NEVER)
            continue;
        if (is_in (&known, &lines.items[i])) // Another commit: a suspended schedule is tried again
            TRY (schedule_store_lift (self->db, turn, &lines.items[i]));
        else
            TRY (schedule_store_add (self->db, turn, &lines.items[i]));
        actor_tick_at (turn, lines.items[i].next_at);
    }
    return project_store_set_schedules_sha (self->db, turn, id, tree->sha);
}

static fault_t record_due (scheduler_t *self, turn_t *turn, schedule_row_t *row)
{
    int64_t last = row->next_at;
    for (int64_t next = last; next <= turn->now_us;) { // Of several missed times only the last
        last = next;
        // A line that fires every minute may have missed years: begin where it still counts
        int64_t from = last < turn->now_us - SCHEDULE_LATE_US ? turn->now_us - SCHEDULE_LATE_US : last;
        next = next_time (turn->arena, row->cron, row->timezone, from);
        row->next_at = next;
    }
    row->due_at = last >= turn->now_us - SCHEDULE_LATE_US ? last : 0;
    if (!row->due_at)
        log_warn ("a scheduled time was missed", "project", row->project_id, "cron", row->cron, NULL);
    return schedule_store_save (self->db, turn, row);
}

static fault_t post (scheduler_t *self, turn_t *turn, const schedule_row_t *row)
{
    if (row->due_at < turn->now_us - SCHEDULE_LATE_US) {
        bool done;
        log_warn ("a scheduled time is dropped", "project", row->project_id, "cron", row->cron, NULL);
        return schedule_store_done (self->db, turn, row, &done);
    }
    value_t *payload = value_object (turn->arena);
    value_set (turn->arena, payload, "schedule", value_string (turn->arena, row->cron));
    value_set (turn->arena, payload, "timezone", value_string (turn->arena, row->timezone));
    value_set (turn->arena, payload, "due_at",
               value_string (turn->arena, arena_printf (turn->arena, "%lld", (long long) row->due_at)));
    event_post_t ask = {
        .project = row->project_id,
        .event = "schedule",
        .ref = "",
        .sha = "",
        .before = "",
        .actor = "scheduler",
        .workflow = "",
        .payload = value_to_json (turn->arena, payload, 0),
    };
    event_runs_t answer;
    TRY (schedule_store_asked (self->db, turn, row));
    return actor_call (turn, MSG_event_post, &ask, &answer);
}

static void blamed (void *context, void *data)
{
    scheduler_t *self = context;
    (void) data;
    self->schedules_blamed = true;
}

// Otherwise a small file could crash the server at every start, as soon as it is due.
static fault_t blame (scheduler_t *self, turn_t *turn)
{
    bool suspended;
    if (self->schedules_blamed)
        return OK;
    TRY (unit_write (self, turn));
    TRY (schedule_store_blame (self->db, turn, &suspended));
    if (suspended)
        log_warn ("schedules are suspended: the server crashed each time when their runs were to be created",
                  NULL);
    actor_after (turn, blamed, NULL);
    return OK;
}

int64_t schedule_due (const due_times_t *due)
{
    int64_t again = due->schedule_asked == NEVER ? NEVER : due->schedule_asked + SCHEDULE_RETRY_US;
    return again < due->schedule ? again : due->schedule;
}

fault_t schedule_tick (scheduler_t *self, turn_t *turn, const due_times_t *due)
{
    schedule_rows_t rows;
    TRY (blame (self, turn));
    if (schedule_due (due) > turn->now_us)
        return OK;
    TRY (unit_write (self, turn));
    TRY (schedule_store_passed (self->db, turn, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (record_due (self, turn, &rows.items[i]));
    TRY (schedule_store_due (self->db, turn, turn->now_us - SCHEDULE_RETRY_US, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (post (self, turn, &rows.items[i]));
    return OK;
}
