/* checkout.c - actions/checkout, by real git from real repositories. Sources: actions/checkout's README, its src/ and its issues as named. */

#include "agent/engine/engine.h"

#include "common/base/buffer.h"
#include "tests/unit/agent/engine/actions/action_world.h"
#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    action_world_t world; // Its folder holds site.git, a bare repository, and work, a clone of it
    const char *ref, *sha, *name, *repository;
    buffer_t *log;
    uint32_t steps;
    result_t outcomes[16];
    engine_result_t result;
} site_t;

static fault_t hear_log (void *self_, uint32_t step, const void *data, size_t size)
{
    site_t *self = self_;
    (void) step;
    buffer_add (self->log, data, size);
    return OK;
}

static void hear_step (void *self_, const engine_step_t *step)
{
    site_t *self = self_;
    CHECK (step->number < 16);
    self->outcomes[step->number] = step->outcome;
}

static const char *sh (site_t *self, const char *script)
{
    return action_world_sh (&self->world, script);
}

// Two commits on main, a branch, tags; the run is of main's tip.
static void begin (site_t *self)
{
    *self = (site_t){.log = buffer_new (1 << 20), .name = "own/site", .ref = "refs/heads/main"};
    action_world_begin (&self->world);
    sh (self,
        "mkdir own; git init -q --bare -b main own/site.git; git init -q -b main work; cd work;"
        " git remote add origin ../own/site.git; echo one >f; mkdir -p a/b c; echo a >a/x; echo b >a/b/y; echo c >c/z; git add ."
        "; git commit -qm one; git tag v1; git tag -a -m text v1.0; git checkout -qb dev; echo dev >f; git commit -qam dev;"
        " git checkout -q main; echo two >f; git commit -qam two; git push -q origin main dev v1 v1.0");
    self->repository = action_world_path (&self->world, "own/site.git");
    self->sha = sh (self, "git -C work rev-parse main");
}

static void end (site_t *self)
{
    buffer_destroy (&self->log);
    action_world_end (&self->world);
}

static const char *log_of (const site_t *self)
{
    return buffer_text (self->log);
}

// Runs these steps, in YAML; {W} is the world's folder. True where all went well.
static bool run (site_t *self, const char *steps)
{
    arena_t *arena = self->world.arena;
    const char *error = "", *before = "";
    engine_t *engine;
    cancel_t *cancel;
    const engine_options_t options = {
        .work_dir = action_world_path (&self->world, "agent"), .name = "ada", .server = "http://server"};
    for (const char *at; (at = strstr (steps, "{W}")); steps = at + 3)
        before = arena_printf (arena, "%s%.*s%s", before, (int) (at - steps), steps, self->world.root);
    steps = arena_printf (arena, "%s%s", before, steps);
    CHECK_INT (engine_new (&engine, arena, &options, &error), OK);
    CHECK_INT (cancel_new (&cancel), OK);
    const engine_job_t job = {
        .id = "j1",
        .definition = arena_printf (arena, "key: k\nsteps:\n%s", steps),
        .contexts = arena_printf (arena, "{\"github\":{\"repository\":\"%s\",\"ref\":\"%s\",\"sha\":\"%s\"}}",
                                  self->name, self->ref, self->sha),
        .repository = self->repository,
        .cancel = cancel};
    const engine_sink_t sink = {.self = self, .log = hear_log, .step = hear_step};
    buffer_clear (self->log);
    engine_run (engine, arena, &job, &sink, &self->result);
    CHECK_INT (engine_clean (engine, &error), OK);
    engine_destroy (&engine);
    cancel_destroy (&cancel);
    return self->result.result == result_success;
}

static void check_run (const char *file, int line, site_t *self, const char *steps)
{
    if (!run (self, steps))
        test_fail (file, line, "%s", log_of (self));
}
#define CHECK_RUN(site, steps) check_run (__FILE__, __LINE__, site, steps)

static void check_fails (const char *file, int line, site_t *self, const char *steps, const char *words)
{
    if (run (self, steps) || !strstr (log_of (self), words))
        test_fail (file, line, "\"%s\" is not in: %s", words, log_of (self));
}
#define CHECK_FAILS(site, steps, words) check_fails (__FILE__, __LINE__, site, steps, words)

TEST (a_branch_is_checked_out_with_its_upstream_so_that_push_and_pull_work)
{
    site_t site;
    begin (&site);
    CHECK_RUN (&site, "- {uses: actions/checkout@v4, id: c}\n"
                      "- run: |\n"
                      "    test \"$(git branch --show-current)\" = main\n"
                      "    test \"$(git rev-parse --abbrev-ref '@{upstream}')\" = origin/main\n"
                      "    git rev-parse --verify refs/remotes/origin/main\n"
                      "    test \"${{ steps.c.outputs.ref }}\" = refs/heads/main\n"
                      "    test \"${{ steps.c.outputs.commit }}\" = \"$(git rev-parse HEAD)\"\n"
                      "    git config user.name bot; git config user.email bot@x\n"
                      "    echo three > f; git commit -qam three; git push -q; git pull -q\n");
    CHECK_STR (sh (&site, "git -C own/site.git log -1 --format=%an%s main"), "botthree");
    end (&site);
}

TEST (the_commit_of_the_run_is_checked_out_though_its_branch_went_on)
{
    site_t site;
    begin (&site);
    site.sha = sh (&site, "git -C work rev-parse main~1");
    CHECK_RUN (&site, "- uses: actions/checkout@v4\n"
                      "- run: test \"$(cat f)\" = one; test \"$(git branch --show-current)\" = main\n");
    CHECK_RUN (&site,
               "- uses: actions/checkout@v4\n  with: {fetch-depth: 0}\n"
               "- run: test \"$(cat f)\" = one; test \"$(git rev-parse origin/main)\" = ${{ github.sha }}\n");
    sh (&site,
        "cd work; git checkout -q --orphan gone; git commit -qm gone; git push -q origin HEAD:refs/heads/gone");
    site.sha = sh (&site, "git -C work rev-parse HEAD");
    site.ref = "refs/heads/gone";
    sh (&site, "cd work; git commit -q --amend -m other; git push -qf origin HEAD:refs/heads/gone");
    CHECK_RUN (&site, "- uses: actions/checkout@v4\n  with: {fetch-depth: 0}\n"
                      "- run: test \"$(git log -1 --format=%s)\" = gone\n"); // It was force-pushed away
    end (&site);
}

TEST (a_name_is_a_branch_before_it_is_a_tag)
{
    site_t site;
    begin (&site);
    sh (&site, "cd work; git tag -f dev v1; git push -q origin refs/tags/dev");
    CHECK_RUN (&site, "- {uses: actions/checkout@v4, with: {ref: dev}, id: c}\n"
                      "- run: test \"$(cat f)\" = dev; test \"$(git branch --show-current)\" = dev\n"
                      "- run: test ${{ steps.c.outputs.ref }} = refs/heads/dev; git rev-parse origin/dev\n"
                      "- {uses: actions/checkout@v4, with: {ref: refs/tags/dev}}\n"
                      "- run: test \"$(cat f)\" = one; test -z \"$(git branch --show-current)\"\n"
                      "- {uses: actions/checkout@v4, with: {ref: v1}}\n"
                      "- run: test \"$(cat f)\" = one; test \"$(git describe --tags --exact-match)\"\n");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {ref: none}}\n",
                 "there is no branch or tag \"none\"");
    end (&site);
}

TEST (an_annotated_tag_keeps_its_text)
{
    site_t site;
    begin (&site);
    site.ref = "refs/tags/v1.0";
    site.sha = sh (&site, "git -C work rev-parse v1");
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n"
        "- run: test \"$(git cat-file -t v1.0)\" = tag; test \"$(git describe)\" = v1.0; test \"$(cat f)\" = one\n");
    end (&site);
}

TEST (a_commit_is_checked_out_as_such)
{
    site_t site;
    begin (&site);
    site.sha = sh (&site, "git -C work rev-parse dev");
    CHECK_RUN (&site,
               "- {uses: actions/checkout@v4, id: c, with: {ref: '${{ github.sha }}'}}\n"
               "- run: test \"$(cat f)\" = dev; test -z \"$(git branch --show-current)\"; test -z '${{ "
               "steps.c.outputs.ref }}'\n");
    end (&site);
}

TEST (a_pull_requests_ref_is_kept_below_remotes_pull)
{
    site_t site;
    begin (&site);
    sh (&site, "git -C work push -q origin dev:refs/pull/7/merge");
    site.ref = "refs/pull/7/merge";
    site.sha = sh (&site, "git -C work rev-parse dev");
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n"
        "- run: test \"$(git rev-parse refs/remotes/pull/7/merge)\" = \"$(git rev-parse HEAD)\"; test \"$(cat f)\" = dev\n"
        "- {uses: actions/checkout@v4, with: {fetch-depth: 0}}\n"
        "- run: test \"$(cat f)\" = dev; git rev-parse origin/main refs/remotes/pull/7/merge\n");
    end (&site);
}

TEST (locks_of_a_git_that_was_killed_are_removed)
{
    site_t site;
    begin (&site);
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n- run: touch .git/index.lock .git/shallow.lock\n"
        "- uses: actions/checkout@v4\n- run: test ! -e .git/index.lock; test ! -e .git/shallow.lock\n");
    end (&site);
}

TEST (a_depth_of_zero_undoes_an_earlier_shallow_fetch)
{
    site_t site;
    begin (&site);
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n"
        "- run: test \"$(git rev-list --count HEAD)\" = 1; test -z \"$(git tag)\"\n"
        "- {uses: actions/checkout@v4, with: {fetch-depth: 2}}\n"
        "- run: test \"$(git rev-list --count HEAD)\" = 2\n"
        "- {uses: actions/checkout@v4, with: {fetch-depth: 1, fetch-tags: true}}\n"
        "- run: test \"$(git tag | tr '\\n' ' ')\" = 'v1 v1.0 '\n"
        "- {uses: actions/checkout@v4, with: {fetch-depth: 0}}\n"
        "- run: test \"$(git rev-parse --is-shallow-repository)\" = false; test \"$(git rev-list --count HEAD)\" = 2\n"
        "- run: git rev-parse origin/dev v1\n");
    end (&site);
}

TEST (a_second_checkout_is_as_clean_as_a_first_but_where_clean_is_false)
{
    site_t site;
    begin (&site);
    CHECK_RUN (&site,
               "- uses: actions/checkout@v4\n- run: 'echo x >f; echo new >untracked; git checkout -qb mine'\n"
               "- {uses: actions/checkout@v4, with: {clean: false}}\n"
               "- run: test -e untracked; test \"$(cat f)\" = two; test -z \"$(git branch --list mine)\"\n"
               "- uses: actions/checkout@v4\n- run: test ! -e untracked\n");
    end (&site);
}

TEST (what_is_in_the_way_of_a_checkout_is_removed)
{
    site_t site;
    begin (&site);
    CHECK_RUN (&site,
               "- run: 'echo x >sub; echo y >other; mkdir target; touch target/kept; ln -s target link'\n"
               "- {uses: actions/checkout@v4, with: {path: sub}}\n"
               "- {uses: actions/checkout@v4, with: {path: link}}\n"
               "- run: test -e sub/f; test -e other; test -e link/f\n"
               "- run: cd sub; git remote set-url origin /elsewhere; touch left\n"
               "- {uses: actions/checkout@v4, with: {path: sub}}\n- run: test ! -e sub/left\n"
               "- run: rm -rf sub/.git/objects; echo broken > sub/.git/HEAD\n"
               "- {uses: actions/checkout@v4, with: {path: sub}}\n- run: git -C sub status\n"
               "- uses: actions/checkout@v4\n- run: test ! -e other; test ! -e sub\n");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {path: ../x}}\n", "is not in the workspace");
    end (&site);
}

TEST (branches_that_are_in_each_others_way_follow_each_other)
{
    site_t site;
    begin (&site);
    sh (&site, "cd work; git push -q origin main:refs/heads/x/y");
    CHECK_RUN (
        &site,
        "- {uses: actions/checkout@v4, with: {ref: x/y}}\n- run: git push -q origin :refs/heads/x/y HEAD:refs/heads/x\n"
        "- {uses: actions/checkout@v4, with: {ref: x}}\n- run: test \"$(git branch --show-current)\" = x\n");
    end (&site);
}

TEST (another_repository_comes_with_its_default_branch)
{
    site_t site;
    begin (&site);
    sh (&site, "git init -q --bare -b trunk own/other.git; git -C work push -q ../own/other.git dev:trunk");
    CHECK_RUN (
        &site,
        "- {uses: actions/checkout@v4, with: {repository: own/other, path: o}}\n"
        "- run: test \"$(cat o/f)\" = dev; test \"$(git -C o branch --show-current)\" = trunk\n"
        "- {uses: actions/checkout@v4, with: {repository: own/site, path: s}}\n- run: test \"$(cat s/f)\" = two\n");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {repository: own/none}}\n",
                 "the default branch of the repository cannot be found");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {repository: 'ext::sh'}}\n",
                 "\"ext::sh\" is not a repository");
    end (&site);
}

TEST (a_repository_of_long_ids_is_checked_out_whatever_is_known_of_it)
{
    site_t site;
    begin (&site);
    sh (&site,
        "git init -q -b trunk --object-format=sha256 own/long; cd own/long; echo one >f; git add f; git commit -qm one;"
        " git tag v1; echo two >f; git commit -qam two; git branch dev");
    CHECK_RUN (
        &site,
        "- {uses: actions/checkout@v4, with: {repository: own/long}}\n- run: test \"$(cat f)\" = two\n"
        "- {uses: actions/checkout@v4, with: {repository: own/long, ref: v1}}\n- run: test \"$(cat f)\" = one\n"
        "- {uses: actions/checkout@v4, with: {repository: own/long, ref: refs/heads/dev, path: d}}\n"
        "- run: test \"$(cat d/f)\" = two; test \"$(git -C d branch --show-current)\" = dev\n"
        "- {uses: actions/checkout@v4, with: {repository: own/site, path: d}}\n- run: test -f d/a/x\n"
        "- {uses: actions/checkout@v4, with: {path: d}}\n- run: test \"$(cat d/f)\" = two; test -f d/a/x\n");
    site.repository = action_world_path (&site.world, "own/long");
    site.sha = sh (&site, "git -C own/long rev-parse v1");
    site.ref = "refs/heads/trunk"; // Which went on
    CHECK_INT (strlen (site.sha), 64);
    CHECK_RUN (
        &site,
        "- {uses: actions/checkout@v4}\n- run: test \"$(cat f)\" = one; test \"$(git rev-parse HEAD)\" = $GITHUB_SHA\n"
        "- {uses: actions/checkout@v4, with: {fetch-depth: 0}}\n- run: git rev-parse --verify refs/tags/v1\n");
    end (&site);
}

TEST (only_what_sparse_checkout_names_is_there)
{
    site_t site;
    begin (&site);
    sh (&site, "git -C own/site.git config uploadpack.allowFilter true");
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n  with:\n    sparse-checkout: |\n      a\n"
        "- run: test -e f; test -e a/b/y; test ! -e c\n"
        "- run: test \"$(git config remote.origin.partialclonefilter)\" = blob:none\n"
        "- uses: actions/checkout@v4\n  with:\n    sparse-checkout-cone-mode: false\n    sparse-checkout: |\n      c/z\n"
        "- run: test ! -e f; test -e c/z; test ! -e a\n"
        "- uses: actions/checkout@v4\n- run: test -e f; test -e c/z; test -e a/x\n");
    CHECK_RUN (&site,
               "- {uses: actions/checkout@v4, with: {filter: 'blob:limit=1048576'}}\n"
               "- run: test \"$(git config remote.origin.partialclonefilter)\" = blob:limit=1048576\n");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {sparse-checkout: --stdin}}\n",
                 "`sparse-checkout` holds --stdin");
    end (&site);
}

TEST (submodules_come_where_they_are_asked_for)
{
    site_t site;
    begin (&site);
    sh (&site,
        "for r in inner outer; do git init -q -b main $r; echo $r >$r/r; git -C $r add r; git -C $r commit -qm r; done;"
        " git -c protocol.file.allow=always -C outer submodule --quiet add \"$PWD/inner\" in; git -C outer commit -qm in;"
        " git -c protocol.file.allow=always -C work submodule --quiet add \"$PWD/outer\" out; git -C work commit -qm out;"
        " git -C work push -q origin main");
    site.sha = sh (&site, "git -C work rev-parse main");
    CHECK_RUN (
        &site,
        "- uses: actions/checkout@v4\n- run: test ! -e out/r\n"
        "- {uses: actions/checkout@v4, with: {submodules: true}}\n- run: test -e out/r; test ! -e out/in/r\n"
        "- {uses: actions/checkout@v4, with: {submodules: recursive}}\n- run: test -e out/in/r\n");
    CHECK_FAILS (&site, "- {uses: actions/checkout@v4, with: {submodules: all}}\n",
                 "`submodules: all` must be true, false or recursive");
    end (&site);
}

// For git the address is a folder, for us it is a forge.
#define FORGE                                                                                                                     \
    "- run: |\n    mkdir -p \"$RUNNER_TEMP/home\"\n    git config --file \"$RUNNER_TEMP/home/.gitconfig\" url.{W}/own.insteadOf " \
    "https://forge.test/own\n"
#define AT_HOME "env: {HOME: '${{ runner.temp }}/home'}"

TEST (a_token_is_in_no_log_and_no_config_of_the_repository_but_serves_later_steps)
{
    site_t site;
    begin (&site);
    site.repository = "https://forge.test/own/site";
    CHECK_RUN (
        &site, FORGE
        "- {uses: actions/checkout@v4, with: {token: very-secret-token}, " AT_HOME "}\n"
        "- run: |\n    ! grep -r -e very-secret -e $(printf x-access-token:very-secret-token | base64) .git\n"
        "    git config --get-urlmatch http.extraheader https://forge.test/x | grep -q 'AUTHORIZATION: basic '\n"
        "    git config --get-urlmatch http.extraheader https://forge.test/x | cut -d' ' -f3 | base64 -d | rev\n"
        "    test \"$(stat -c %a \"$RUNNER_TEMP\"/opencicd-git-*)\" = 600\n"
        "    test -z \"$(git config --get-urlmatch http.extraheader https://other.test/x)\"\n");
    CHECK (!strstr (log_of (&site), "very-secret-token"));
    CHECK (strstr (log_of (&site), "nekot-terces-yrev:nekot-ssecca-x")); // Backwards no mask knows it
    CHECK (strstr (log_of (&site), "  token: ***\n"));
    CHECK_RUN (
        &site, FORGE
        "- {uses: actions/checkout@v4, with: {token: very-secret-token}, " AT_HOME "}\n"
        "- {uses: actions/checkout@v4, with: {token: very-secret-token, persist-credentials: false}, " AT_HOME
        "}\n"
        "- run: |\n    test -z \"$(git config --get-urlmatch http.extraheader https://forge.test/x)\"\n"
        "    ! git config --local --get-all include.path\n    ! ls \"$RUNNER_TEMP\" | grep opencicd-git\n");
    end (&site);
}

TEST (a_password_in_an_address_is_not_shown)
{
    site_t site;
    begin (&site);
    site.repository = "https://me:hidden-word@127.0.0.1:9/own/site";
    CHECK_FAILS (&site, "- uses: actions/checkout@v4\n",
                 "of https://127.0.0.1:9/own/site cannot be checked out");
    CHECK (!strstr (log_of (&site), "hidden-word"));
    end (&site);
}

// A program that takes ssh's place: it writes down how it was called and runs what the other side would.
#define FAKE_SSH                                                                                                               \
    "- run: |\n    mkdir \"$RUNNER_TEMP/bin\"\n    cat >\"$RUNNER_TEMP/bin/ssh\" <<'END'\n    #!/bin/sh\n"                     \
    "    echo \"$@\" >>{W}/ssh-calls\n    while test $# -gt 1; do test \"$1\" != -i || cat \"$2\" >{W}/ssh-key; shift; done\n" \
    "    cd {W}; eval \"$1\"\n    END\n    chmod +x \"$RUNNER_TEMP/bin/ssh\"; echo \"$RUNNER_TEMP/bin\" >>\"$GITHUB_PATH\"\n"

TEST (a_key_makes_it_ssh_with_the_hosts_that_are_known)
{
    site_t site;
    begin (&site);
    site.repository = "https://forge.test:8443/own/site.git";
    CHECK_RUN (
        &site, FAKE_SSH
        "- uses: actions/checkout@v4\n  with: {ssh-key: \"KEY\\nsecret-line\", ssh-known-hosts: forge.test "
        "ssh-rsa AAAA, ssh-user: me}\n"
        "- run: |\n    test \"$(git remote get-url origin)\" = me@forge.test:own/site.git\n"
        "    git config core.sshCommand | grep -q StrictHostKeyChecking=yes\n    git fetch -q\n"
        "    grep -q 'forge.test ssh-rsa AAAA' \"$RUNNER_TEMP\"/opencicd-git-*.known-hosts\n");
    CHECK_STR (sh (&site, "cat ssh-key"), "KEY\nsecret-line");
    CHECK (strstr (sh (&site, "cat ssh-calls"), "me@forge.test git-upload-pack 'own/site.git'"));
    CHECK (!strstr (log_of (&site), "secret-line"));
    CHECK_RUN (
        &site, FAKE_SSH
        "- uses: actions/checkout@v4\n  with: {ssh-key: KEY, ssh-strict: false, persist-credentials: false}\n"
        "- run: |\n    ! git config core.sshCommand\n    ! ls \"$RUNNER_TEMP\" | grep key\n");
    CHECK (strstr (sh (&site, "tail -1 ssh-calls"), "StrictHostKeyChecking=no"));
    end (&site);
}

TEST (large_files_are_fetched_where_they_are_asked_for)
{
    site_t site;
    begin (&site);
    CHECK_RUN (
        &site,
        "- run: |\n    mkdir \"$RUNNER_TEMP/bin\"\n    printf '#!/bin/sh\\necho \"$*\" >>{W}/lfs-calls\\n' "
        ">\"$RUNNER_TEMP/bin/git-lfs\"\n    chmod +x \"$RUNNER_TEMP/bin/git-lfs\"; echo \"$RUNNER_TEMP/bin\" "
        ">>\"$GITHUB_PATH\"\n"
        "- uses: actions/checkout@v4\n- run: test ! -e {W}/lfs-calls\n- {uses: actions/checkout@v4, with: {lfs: true}}\n");
    CHECK_STR (sh (&site, "cat lfs-calls"),
               "version\ninstall --local --skip-repo\nfetch origin refs/remotes/origin/main");
    end (&site);
}

TEST (the_server_of_another_forge_can_be_named)
{
    site_t site;
    begin (&site);
    CHECK_RUN (
        &site, FORGE
        "- {uses: actions/checkout@v4, with: {repository: own/site, github-server-url: 'https://forge.test/'}, " AT_HOME
        "}\n- run: test \"$(git config remote.origin.url)\" = https://forge.test/own/site\n");
    end (&site);
}
