/* docker_options.c - what `options`, `ports` and `volumes` of a container become for the engine. */

#include "agent/engine/docker/docker_options.h"

#include "tests/unit/test.h"

#include <string.h>

#define COUNT(table) (sizeof (table) / sizeof (table[0]))

typedef struct {
    arena_t *arena;
    docker_spec_t spec;
} world_t;

static void begin (world_t *self)
{
    self->arena = arena_new ();
    docker_spec_init (&self->spec, self->arena);
    self->spec.volumes = "job-";
}

static const char *body (world_t *self)
{
    return value_to_json (self->arena, self->spec.body, 0);
}

static const char *host (world_t *self)
{
    return value_to_json (self->arena, self->spec.host, 0);
}

TEST (each_known_flag_becomes_its_field_of_the_request)
{
    static const struct {
        const char *options, *body, *host;
    } rows[] = {
        {"", "{}", "{}"},
        {"--hostname box -h bix", "{\"Hostname\":\"bix\"}", "{}"},
        {"--cpus 1.5 --memory=512m -c 7", "{}",
         "{\"NanoCpus\":1500000000,\"Memory\":536870912,\"CpuShares\":7}"},
        {"-m1g --memory-swap -1", "{}", "{\"Memory\":1073741824,\"MemorySwap\":-1}"},
        {"--shm-size 64MB", "{}", "{\"ShmSize\":67108864}"},
        {"--user 1000:1000 --workdir /src", "{\"User\":\"1000:1000\",\"WorkingDir\":\"/src\"}", "{}"},
        {"-e A=1 --env 'B=x y'", "{\"Env\":[\"A=1\",\"B=x y\"]}", "{}"},
        {"--label a=b --label c", "{\"Labels\":{\"a\":\"b\",\"c\":\"\"}}", "{}"},
        {"--health-cmd \"pg_isready -U x\" --health-interval 10s --health-timeout 1m30s --health-retries 5",
         "{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"pg_isready -U x\"],\"Interval\":10000000000,"
         "\"Timeout\":90000000000,\"Retries\":5}}",
         "{}"},
        {"--no-healthcheck", "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}", "{}"},
        {"--init --read-only=false", "{}", "{\"Init\":true,\"ReadonlyRootfs\":false}"},
        {"--ulimit nofile=1024:2048 --ulimit nproc=5", "{}",
         "{\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1024,\"Hard\":2048},{\"Name\":\"nproc\",\"Soft\":5,\"Hard\":5}]}"},
        {"--tmpfs /run:size=1m --tmpfs /x", "{}", "{\"Tmpfs\":{\"/run\":\"size=1m\",\"/x\":\"\"}}"},
        {"--add-host db:10.0.0.1 --cap-drop ALL --security-opt no-new-privileges", "{}",
         "{\"ExtraHosts\":[\"db:10.0.0.1\"],\"CapDrop\":[\"ALL\"],\"SecurityOpt\":[\"no-new-privileges\"]}"},
        {"--gpus all", "{}", "{\"DeviceRequests\":[{\"Count\":-1,\"Capabilities\":[[\"gpu\"]]}]}"},
        {"-p 8080:80 -v cache:/data", "{\"ExposedPorts\":{\"80/tcp\":{}}}",
         "{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}]},\"Binds\":[\"job-cache:/data\"]}"},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        world_t world;
        begin (&world);
        if (docker_spec_options (&world.spec, rows[i].options) != OK)
            test_fail (__FILE__, __LINE__, "%s: %s", rows[i].options, world.spec.error);
        CHECK_STR (body (&world), rows[i].body);
        CHECK_STR (host (&world), rows[i].host);
        arena_destroy (&world.arena);
    }
}

TEST (what_is_not_known_or_is_no_value_is_refused_by_name)
{
    static const struct {
        const char *options, *error;
    } rows[] = {
        {"--no-such", "`options`: \"--no-such\" is not known here"},
        {"-x", "`options`: \"-x\" is not known here"},
        {"postgres", "`options`: \"postgres\" is not known here"},
        {"--", "`options`: \"--\" is not known here"},
        {"--cpus", "`options`: --cpus needs a value"},
        {"--cpus many", "`options`: --cpus \"many\" is not a number of CPUs, as 1.5"},
        {"--memory 5x", "`options`: --memory \"5x\" is not a size, as 512m or 2g"},
        {"--health-interval 10", "`options`: --health-interval \"10\" is not a time, as 10s or 1m30s"},
        {"--init=maybe", "`options`: --init \"maybe\" is not true or false"},
        {"--env HOME", "`options`: --env \"HOME\" is not NAME=value"},
        {"--network host", "`options`: --network is not supported: a job has a network of its own"},
        {"--entrypoint sh",
         "`options`: --entrypoint is not supported: it is the agent's; a service has the key `entrypoint`"},
        {"--hostname 'box", "a quote is not closed in: --hostname 'box"},
        {"-p 99999",
         "`options`: --publish \"99999\" is not [[address:]port:]port[/tcp or /udp]: the port \"99999\" is not "
         "[[address:]port:]port[/tcp or /udp], with numbers from 1 to 65535, or ranges of at most 1024 as 8000-8010"},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        world_t world;
        begin (&world);
        CHECK (docker_spec_options (&world.spec, rows[i].options) != OK);
        CHECK_STR (world.spec.error, rows[i].error);
        arena_destroy (&world.arena);
    }
}

TEST (what_opens_the_machine_needs_the_operator)
{
    static const char *const options[] = {"--privileged",
                                          "--cap-add SYS_ADMIN",
                                          "--device /dev/kvm",
                                          "--pid host",
                                          "--ipc=host",
                                          "--userns host",
                                          "-v /etc:/etc",
                                          "--runtime x",
                                          "--security-opt seccomp=unconfined",
                                          "--volume /var/run/docker.sock:/s:ro"};
    for (size_t i = 0; i < COUNT (options); i++)
        for (int allowed = 0; allowed < 2; allowed++) {
            world_t world;
            begin (&world);
            world.spec.may_all = allowed;
            CHECK_INT (docker_spec_options (&world.spec, options[i]) == OK, allowed);
            CHECK (allowed || strstr (world.spec.error, "--container-host-access"));
            arena_destroy (&world.arena);
        }
}

TEST (a_port_is_published_where_the_workflow_says)
{
    static const struct {
        const char *text, *host; // host NULL: refused
    } rows[] = {
        {"6379", "{\"PortBindings\":{\"6379/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}}"},
        {"8080:80", "{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}]}}"},
        {"127.0.0.1:5353:53/udp",
         "{\"PortBindings\":{\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"5353\"}]}}"},
        {"127.0.0.1::53", "{\"PortBindings\":{\"53/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}]}}"},
        {"::1:53:53", "{\"PortBindings\":{\"53/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"53\"}]}}"},
        {"", NULL},
        {"0", NULL},
        {"65536", NULL},
        {"http", NULL},
        {"81-82:1-2",
         "{\"PortBindings\":{\"1/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"81\"}],\"2/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"82\"}]}}"},
        {"1-2/udp",
         "{\"PortBindings\":{\"1/udp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}],\"2/udp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}}"},
        {"127.0.0.1:8000-8010:80",
         "{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8000-8010\"}]}}"},
        {"1-3:1-2", NULL},
        {"3-1", NULL},
        {"1-65535", NULL},
        {"1-", NULL},
        {"-1", NULL},
        {"1-2-3", NULL},
        {"80/x", NULL},
        {"x:80", NULL},
    };
    for (size_t i = 0; i < COUNT (rows); i++) {
        world_t world;
        begin (&world);
        CHECK_INT (docker_spec_port (&world.spec, rows[i].text) == OK, rows[i].host != NULL);
        if (rows[i].host)
            CHECK_STR (host (&world), rows[i].host);
        arena_destroy (&world.arena);
    }
}

TEST (a_volume_is_the_jobs_own_and_a_folder_of_the_machine_the_operators)
{
    world_t world;
    begin (&world);
    CHECK_INT (docker_spec_volume (&world.spec, "cache:/data:ro"), OK);
    CHECK_INT (docker_spec_volume (&world.spec, "/scratch"), OK);
    CHECK_STR (host (&world), "{\"Binds\":[\"job-cache:/data:ro\"]}");
    CHECK_STR (body (&world), "{\"Volumes\":{\"/scratch\":{}}}");
    static const char *const wrong[] = {"",        "data",      "cache:data", "a/b:/c",
                                        "../x:/y", ":/x:/y:ro", "x:/y:no"};
    for (size_t i = 0; i < COUNT (wrong); i++)
        CHECK_INT (docker_spec_volume (&world.spec, wrong[i]), INVALID);
    CHECK_INT (docker_spec_volume (&world.spec, "/:/machine"), FORBIDDEN);
    world.spec.may_all = true;
    CHECK_INT (docker_spec_volume (&world.spec, "/:/machine"), OK);
    arena_destroy (&world.arena);
}
