/* routes_trials.h - the rows of routes.h about trials: commits that are in no repository, sent to be run. */

#ifndef OPENCICD_GATEWAY_ROUTES_TRIALS_H
#define OPENCICD_GATEWAY_ROUTES_TRIALS_H

#define TRIAL_HANDLERS(H)                     \
    H (trial_part, BYTES_TYPE, NULL, NULL, 0) \
    H (trial_bundle, NULL, BYTES_TYPE, NULL, 0)

#define TRIAL_ROUTES(R)                                                                                    \
    R (POST, "/projects/{project}/trials", trial_add, MAY_DEVELOP, 128 * KIB, 201, api_call,               \
       "begin a trial: a commit that is in no repository, which `trial` of a run names then")              \
    R (PUT, "/trials/{trial}/parts/{part}", trial_put, MAY_DEVELOP | UNAUDITED, MAX_PART, 204, trial_part, \
       "one part of its git bundle: 4 MiB each but the last, from 0 on")                                   \
    R (GET, "/jobs/{job}/trial", trial_read, MAY_JOB, 0, 200, trial_bundle,                                \
       "the bundle with the commit that the job runs; 404: it is one of the repository")

#endif
