/* main.c - opencicd-scm: this service in a process of its own. */

#include "services/process.h"
#include "services/scm/service.h"

int main (int argc, char **argv)
{
    return service_main (&scm_service, argc, argv);
}
