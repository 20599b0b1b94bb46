/* main.c - opencicd-scheduler: this service in a process of its own. */

#include "services/process.h"
#include "services/scheduler/service.h"

int main (int argc, char **argv)
{
    return service_main (&scheduler_service, argc, argv);
}
