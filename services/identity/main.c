/* main.c - opencicd-identity: this service in a process of its own. */

#include "services/identity/service.h"
#include "services/process.h"

int main (int argc, char **argv)
{
    return service_main (&identity_service, argc, argv);
}
