/* routes_bulk.h - the rows of routes.h that change many runs at once. */

#ifndef OPENCICD_GATEWAY_ROUTES_BULK_H
#define OPENCICD_GATEWAY_ROUTES_BULK_H

#define BULK_ROUTES(R)                                                                                \
    R (POST, "/runs/cancel", runs_cancel, MAY_DEVELOP, 16 * KIB, 200, api_call,                       \
       "ask up to 100 runs to stop, by their ids or by filters; the answer says what became of each") \
    R (POST, "/runs/rerun", runs_rerun, MAY_DEVELOP, 16 * KIB, 200, api_call,                         \
       "run up to 100 runs again, by their ids or by filters; the answer says what became of each")

#endif
