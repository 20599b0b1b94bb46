/* stage.c - see stage.h. */

#include "tests/service/scm/stage.h"

#include "workflow/expression/value.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

// ---- the scheduler ----

static HANDLER (events_read)
{
    stage_t *self = context;
    const events_read_t *ask = asked;
    events_t *answer = answered;
    pthread_mutex_lock (&self->lock);
    int64_t from = ask->after < 0 ? self->events : ask->after;
    answer->items.items = arena_array (turn->arena, MAX_PAGE, sizeof (event_t));
    for (int64_t i = from; i < self->events && answer->items.count < MAX_PAGE; i++)
        answer->items.items[answer->items.count++] =
            (event_t){.id = i + 1, .type = "job.state", .project_id = SITE, .run_id = RUN_ID};
    answer->cursor = from + (int64_t) answer->items.count;
    if (self->gap > 0) {
        answer->items.count = 0;
        answer->cursor = self->events;
        answer->gap = self->gap;
        self->gap = 0;
    }
    pthread_mutex_unlock (&self->lock);
    return OK;
}

static HANDLER (run_show)
{
    stage_t *self = context;
    const run_show_t *ask = asked;
    run_t *run = answered;
    pthread_mutex_lock (&self->lock);
    *run = (run_t){.id = ask->run,
                   .project_id = SITE,
                   .name = "CI",
                   .event = "push",
                   .number = self->run_number,
                   .state = self->run_state,
                   .result = self->run_result};
    fault_t fault = self->fault;
    pthread_mutex_unlock (&self->lock);
    run->jobs.items = arena_array (turn->arena, 1, sizeof (job_t));
    run->jobs.items[run->jobs.count++] =
        (job_t){.id = "j1",
                .name = "build",
                .state = run->state == run_finished ? job_finished : job_running,
                .result = run->result};
    return fault == OK ? OK : turn_fail (turn, fault, "pretended");
}

static HANDLER (run_commit)
{
    (void) context, (void) turn, (void) asked;
    *(commit_at_t *) answered = (commit_at_t){.sha = SHA, .ref = "refs/heads/main"};
    return OK;
}

static const handler_t handlers[] = {HANDLER_ROW (events_read), HANDLER_ROW (run_show),
                                     HANDLER_ROW (run_commit)};
const actor_class_t stage_scheduler = {
    .name = "scheduler", .handlers = handlers, .count = sizeof handlers / sizeof handlers[0]};

// ---- the forge ----

static planned_t next_answer (stage_t *self, const peer_request_t *request)
{
    planned_t answer = {201, "", "{\"id\":1}"};
    if (strcmp (request->head->method, "GET") == 0)
        answer = (planned_t){200, "", "{\"id\":7,\"full_name\":\"ada/site\",\"default_branch\":\"main\"}"};
    else if (self->answered < self->plans)
        answer = self->planned[self->answered++];
    return answer;
}

void stage_serve (void *context, const peer_request_t *request)
{
    stage_t *self = context;
    arena_t *arena = arena_new ();
    const value_t *body = value_null ();
    const char *error;
    bool is_post = strcmp (request->head->method, "POST") == 0;
    if (is_post && value_from_json (arena, request->body, request->size, &body, &error) != OK)
        body = value_null ();
    pthread_mutex_lock (&self->lock);
    planned_t answer = next_answer (self, request);
    self->most_at_once = ++self->at_once > self->most_at_once ? self->at_once : self->most_at_once;
    char *into = is_post ? self->posts : self->others;
    size_t used = strlen (into), room = is_post ? sizeof self->posts : sizeof self->others;
    if (is_post)
        snprintf (into + used, room - used, "%s %s|", value_get_text (body, "state"),
                  value_get_text (body, "context"));
    else
        snprintf (into + used, room - used, "%s %s|", request->head->method, request->head->path);
    while (answer.status == HOLDS && !self->released) {
        pthread_mutex_unlock (&self->lock);
        poll (NULL, 0, 5);
        pthread_mutex_lock (&self->lock);
    }
    self->at_once--;
    pthread_mutex_unlock (&self->lock);
    if (answer.status > 0)
        peer_answer (request->conn, answer.status, answer.headers, answer.body);
    else
        peer_close (request->conn);
    arena_destroy (&arena);
}
