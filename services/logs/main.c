/* main.c - opencicd-logs: this service in a process of its own. */

#include "services/logs/service.h"
#include "services/process.h"

int main (int argc, char **argv)
{
    return service_main (&logs_service, argc, argv);
}
