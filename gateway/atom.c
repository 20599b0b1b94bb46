/* atom.c - see atom.h. An entry is a run: it is updated when the run ends, which readers show again. */

#include "gateway/atom.h"

#include "common/base/clock.h"
#include "gateway/xml.h"

static void element (buffer_t *into, const char *name, const char *text)
{
    buffer_printf (into, "<%s>", name);
    xml_put (into, text);
    buffer_printf (into, "</%s>", name);
}

static int64_t updated_us (const run_t *run)
{
    return run->finished_at ? run->finished_at : run->started_at ? run->started_at : run->created_at;
}

static void print_time (buffer_t *into, const char *name, int64_t time_us)
{
    char text[CLOCK_TEXT];
    clock_print (text, time_us);
    element (into, name, text);
}

static void print_link (buffer_t *into, const char *rel, const char *base, const char *path, const char *rest)
{
    buffer_printf (into, "<link rel=\"%s\" href=\"", rel);
    xml_put (into, base);
    xml_put (into, path);
    xml_put (into, rest);
    buffer_puts (into, "\"/>");
}

// "12. Tests: Fix the parser (failure)"
static void print_title (buffer_t *into, const run_t *run)
{
    buffer_printf (into, "<title>%lld. ", (long long) run->number);
    xml_put (into, *run->name ? run->name : run->workflow);
    buffer_puts (into, ": ");
    xml_put (into, run->title);
    buffer_printf (into, " (%s)</title>",
                   run->result ? state_name (&states_result, run->result)
                               : state_name (&states_run, run->state));
}

static void print_entry (buffer_t *into, const char *base, const run_t *run)
{
    buffer_puts (into, "<entry>");
    print_title (into, run);
    buffer_puts (into, "<id>");
    xml_put (into, base);
    buffer_puts (into, "/runs/");
    xml_put (into, run->id);
    buffer_puts (into, "</id>");
    print_link (into, "alternate", base, "/runs/", run->id);
    print_time (into, "published", run->created_at);
    print_time (into, "updated", updated_us (run));
    buffer_puts (into, "<author>");
    element (into, "name", *run->actor ? run->actor : run->event);
    buffer_puts (into, "</author><summary>");
    xml_put (into, run->event);
    buffer_puts (into, " on ");
    xml_put (into, run->ref);
    buffer_puts (into, " at ");
    xml_put (into, run->sha);
    buffer_puts (into, "</summary></entry>");
}

void atom_print (const char *base, const char *path, const char *project, const run_page_t *runs,
                 buffer_t *into)
{
    int64_t updated = 0;
    for (size_t i = 0; i < runs->items.count; i++)
        if (updated_us (&runs->items.items[i]) > updated)
            updated = updated_us (&runs->items.items[i]);
    buffer_puts (
        into,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Runs of ");
    xml_put (into, project);
    buffer_puts (into, "</title><id>");
    xml_put (into, base);
    xml_put (into, path);
    buffer_puts (into, "</id>");
    print_link (into, "self", base, path, "");
    print_time (into, "updated", updated);
    for (size_t i = 0; i < runs->items.count; i++)
        print_entry (into, base, &runs->items.items[i]);
    buffer_puts (into, "</feed>\n");
}
