/* places.c - see places.h. */

#include "proto/places.h"

#include "common/actor/actor.h"

#include <stdio.h>
#include <string.h>

static long find (const places_t *self, const char *key)
{
    for (size_t i = 0; i < PLACES_KEPT; i++)
        if (*self->kept[i].key && strcmp (self->kept[i].key, key) == 0)
            return (long) i;
    return -1;
}

static void keep (places_t *self, const char *key, const char *project, bool is_public, int64_t until_us)
{
    long at = find (self, key);
    if (strlen (key) > MAX_NAME || strlen (project) > MAX_ID)
        return;
    if (at < 0)
        at = (long) (self->next++ % PLACES_KEPT);
    snprintf (self->kept[at].key, sizeof (self->kept[at].key), "%s", key);
    snprintf (self->kept[at].project, sizeof (self->kept[at].project), "%s", project);
    self->kept[at].is_public = is_public;
    self->kept[at].until_us = until_us;
}

// A turn that has waited was let in when its wait began: to ask again would begin the wait anew.
static fault_t find_project (places_t *self, turn_t *turn, const char *named, rights_place_t *out)
{
    project_t project;
    long at = find (self, named);
    if (at >= 0 && (turn->now_us < self->kept[at].until_us || actor_waited (turn))) {
        *out = (rights_place_t){arena_strdup (turn->arena, self->kept[at].project), self->kept[at].is_public};
        return OK;
    }
    TRY (actor_call (turn, MSG_project_show, &(project_show_t){.project = named}, &project));
    *out = (rights_place_t){project.id, strcmp (project.visibility, "public") == 0};
    keep (self, named, project.id, out->is_public, turn->now_us + SECONDS (PLACES_SECONDS));
    return OK;
}

static fault_t find_job (places_t *self, turn_t *turn, const char *job, const char **project)
{
    job_t shown;
    long at = find (self, job);
    if (at >= 0) {
        *project = arena_strdup (turn->arena, self->kept[at].project);
        return OK;
    }
    TRY (actor_call (turn, MSG_job_show, &(job_show_t){.job = job}, &shown));
    *project = shown.project_id ? shown.project_id : "";
    keep (self, job, *project, false, 0);
    return OK;
}

// With a role of one's own nobody needs to know whether it is public.
static fault_t look (places_t *self, turn_t *turn, const right_t *right, const char *project,
                     rights_place_t *out)
{
    *out = (rights_place_t){.project = project};
    if (!*project || caller_may (&turn->caller, project, false, right->least))
        return OK;
    fault_t fault = find_project (self, turn, project, out);
    if (fault != NOT_FOUND)
        return fault;
    turn->detail = NULL; // It was removed, and this will be
    return OK;
}

fault_t places_check_thing (places_t *self, turn_t *turn, const right_t *right, const char *project,
                            const char *what, const char *name)
{
    rights_place_t place;
    TRY (look (self, turn, right, project, &place));
    return rights_there (turn, right, &place, what, name);
}

fault_t places_check_job (places_t *self, turn_t *turn, const right_t *right, const char *job)
{
    const char *project;
    TRY (find_job (self, turn, job, &project));
    return places_check_thing (self, turn, right, project, "job", job);
}

fault_t places_check_project (places_t *self, turn_t *turn, const right_t *right, const char *project)
{
    rights_place_t place = {.project = ""};
    if (*project)
        TRY (find_project (self, turn, project, &place));
    return rights_there (turn, right, &place, "project", project);
}
