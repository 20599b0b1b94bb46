/* main.c - opencicd-artifacts: this service in a process of its own. */

#include "services/artifacts/service.h"
#include "services/process.h"

int main (int argc, char **argv)
{
    return service_main (&artifacts_service, argc, argv);
}
