/* schedule.c - see schedule.h. What is due is posted to ourselves as the event `schedule`. */

#include "services/scheduler/schedule.h"

#include "common/log.h"
#include "services/scheduler/planner.h"
#include "services/scheduler/schedule_store.h"
#include "services/scheduler/zone.h"
#include "workflow/cron.h"

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
    for (size_t i = 0; i < count && rows->count < SCHEDULES_MAX; i++) {
        schedule_row_t row = {.project_id = project, .cron = lines[i].cron, .timezone = lines[i].timezone};
        row.next_at = next_time (turn->arena, row.cron, row.timezone, turn->now_us);
        if (!is_in (rows, &row))
            rows->items[rows->count++] = row;
    }
}

// A file that is wrong has no schedule; whoever triggers it is told why.
static schedule_rows_t lines_of (turn_t *turn, const char *project, const scm_tree_t *tree)
{
    schedule_rows_t rows = {arena_array (turn->arena, SCHEDULES_MAX, sizeof (schedule_row_t)), 0};
    for (size_t i = 0; i < tree->files.count; i++) {
        const file_text_t *file = &tree->files.items[i];
        plan_t *plan;
        if (planner_read (turn, file->path, file->text.data, file->text.size, &plan) == OK)
            add_lines (turn, project, plan, &rows);
    }
    turn->detail = NULL;
    return rows;
}

fault_t schedule_sync (scheduler_t *self, turn_t *turn, const project_row_t *project, const scm_tree_t *tree)
{
    const char *id = project->project.id;
    if (!same (project->project.default_branch, tree->default_branch))
        TRY (project_store_set_branch (self->db, turn, id, tree->default_branch));
    if (!*tree->sha || same (project->schedules_sha, tree->sha))
        return OK;
    schedule_rows_t wanted = lines_of (turn, id, tree), known;
    TRY (schedule_store_of_project (self->db, turn, id, &known));
    for (size_t i = 0; i < known.count; i++)
        if (!is_in (&wanted, &known.items[i]))
            TRY (schedule_store_remove (self->db, turn, &known.items[i]));
    for (size_t i = 0; i < wanted.count; i++) {
        if (wanted.items[i].next_at == NEVER || is_in (&known, &wanted.items[i]))
            continue;
        TRY (schedule_store_add (self->db, turn, &wanted.items[i]));
        actor_tick_at (turn, wanted.items[i].next_at);
    }
    return project_store_set_schedules_sha (self->db, turn, id, tree->sha);
}

static fault_t note_due (scheduler_t *self, turn_t *turn, schedule_row_t *row)
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
        log_warn ("a scheduled time is given up", "project", row->project_id, "cron", row->cron, NULL);
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
        .payload = value_to_json (turn->arena, payload, 0),
    };
    event_runs_t answer;
    TRY (schedule_store_asked (self->db, turn, row));
    return actor_call (turn, MSG_event_post, &ask, &answer);
}

fault_t schedule_tick (scheduler_t *self, turn_t *turn)
{
    schedule_rows_t rows;
    int64_t at;
    TRY (schedule_next (self, turn, &at));
    if (at > turn->now_us)
        return OK;
    TRY (unit_write (self, turn));
    TRY (schedule_store_passed (self->db, turn, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (note_due (self, turn, &rows.items[i]));
    TRY (schedule_store_due (self->db, turn, turn->now_us - SCHEDULE_RETRY_US, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (post (self, turn, &rows.items[i]));
    return OK;
}

fault_t schedule_next (scheduler_t *self, turn_t *turn, int64_t *at)
{
    int64_t asked;
    TRY (schedule_store_next (self->db, turn, at, &asked));
    if (asked != NEVER && asked + SCHEDULE_RETRY_US < *at)
        *at = asked + SCHEDULE_RETRY_US;
    return OK;
}
