/* fake_says.c - what the agent says of itself and of its job, for fake_server.h. */

#include "tests/service/agent/fake_server.h"

#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

void fake_server_wait_idle (fake_server_t *self)
{
    fake_server_wait_says (self, "/health", "\"idle\"");
    fake_server_wait_says (self, "/jobs/none", "NOT_FOUND");
}

void fake_server_wait_ended (fake_server_t *self, const char *job)
{
    char path[64];
    snprintf (path, sizeof (path), "/jobs/%s", job);
    fake_server_wait_says (self, path, "\"name\":\"Complete job\",\"state\":\"finished\"");
}

void fake_server_check_result (fake_server_t *server, const char *result)
{
    char wanted[64];
    snprintf (wanted, sizeof wanted, "\"result\":\"%s\"", result);
    if (!strstr (fake_server_status (server), wanted))
        test_fail (__FILE__, __LINE__, "the result is not %s: %s\n%s", result, fake_server_status (server),
                   fake_server_log (server));
}
