/* main.c - opencicd-gateway: the HTTP API in a process of its own, in front of services that the directory names. */

#include "common/base/log.h"
#include "common/bus/directory.h"
#include "common/os/folder.h"
#include "common/settings/program.h"
#include "db/open.h"
#include "gateway/gateway.h"
#include "proto/codec.h"

#include <czmq.h>

typedef struct {
    const settings_t *settings;
    secret_key_t key;
    bus_t *bus;
    directory_t *directory;
    gateway_t *gateway;
} program_t;

static fault_t open_directory (program_t *self, turn_t *turn)
{
    db_t *db = NULL;
    fault_t fault = database_open (&db, turn, self->settings, "directory");
    if (fault == OK)
        fault = directory_new (&self->directory, turn, &db, self->bus);
    db_close (&db);
    return fault;
}

static fault_t start (program_t *self, turn_t *turn)
{
    const settings_t *settings = self->settings;
    gateway_config_t config = gateway_config_of (settings);
    fault_t fault = folder_make (turn, settings->data_dir);
    if (fault == OK)
        fault = secret_key_load (&self->key, turn, settings->secret_key_file);
    if (fault != OK)
        return fault;
    self->bus = bus_new (&proto_codec, clock_system ());
    bus_set_apart (self->bus);
    bus_protect (self->bus, self->key.bytes);
    fault = open_directory (self, turn);
    if (fault == OK)
        fault = gateway_new (&self->gateway, turn, &config, self->bus, &self->key);
    if (fault == OK)
        log_info ("the gateway is up", "address", gateway_address (self->gateway), NULL);
    return fault;
}

int main (int argc, char **argv)
{
    static settings_t settings;
    int status;
    turn_t turn;
    arena_t *arena = arena_new ();
    program_t self = {.settings = &settings};
    if (program_settings (&settings, arena, "gateway", argc, argv, &status)) {
        program_begin (&settings, "gateway");
        turn_init (&turn, arena, "start", clock_now_us (clock_system ()));
        bool up = start (&self, &turn) == OK;
        status = up || program_must_end (0) ? 0 : 1;
        if (up)
            program_wait ();
        else if (status)
            fprintf (stderr, "%s: %s\n", argv[0], turn.detail ? turn.detail : "it cannot start");
        gateway_destroy (&self.gateway);
        directory_destroy (&self.directory);
        bus_destroy (&self.bus);
        zsys_shutdown ();
    }
    arena_destroy (&arena);
    return status;
}
