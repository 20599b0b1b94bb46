/* run_filter.h - the flags that name runs by what they have in common, in lists of runs and in changes to many. */

#ifndef OPENCICD_CLI_RUN_FILTER_H
#define OPENCICD_CLI_RUN_FILTER_H

#include "cli/show/listing.h"

#define FLAGS_RUN_FILTER                                                                                 \
    {.name = "workflow", .kind = FLAG_TEXT, .metavar = "PATH", .doc = "Only runs of this workflow."},    \
        {.name = "ref", .kind = FLAG_TEXT, .metavar = "REF", .doc = "Only runs of this branch or tag."}, \
        {.name = "actor",                                                                                \
         .kind = FLAG_TEXT,                                                                              \
         .metavar = "NAME",                                                                              \
         .doc = "Only runs that this user triggered."},                                                  \
        {.name = "event", .kind = FLAG_TEXT, .metavar = "EVENT", .doc = "Only runs of this event."},     \
        {.name = "since",                                                                                \
         .kind = FLAG_TEXT,                                                                              \
         .metavar = "TIME",                                                                              \
         .doc = "Only runs triggered at this time (RFC 3339) or later."},                                \
    {                                                                                                    \
        .name = "until", .kind = FLAG_TEXT, .metavar = "TIME",                                           \
        .doc = "Only runs triggered before this time."                                                   \
    }

#endif
